// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.io.IOException;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.LoginException;
import javax.security.auth.spi.LoginModule;

/** A JAAS module that knows joe, as a container would find it by name. */
public final class TestLoginModule implements LoginModule {
    private Subject subject;
    private CallbackHandler handler;

    @Override
    public void initialize(Subject of, CallbackHandler by, Map<String, ?> shared, Map<String, ?> options) {
        subject = of;
        handler = by;
    }

    @Override
    public boolean login() throws LoginException {
        NameCallback name = new NameCallback("user");
        PasswordCallback password = new PasswordCallback("password", false);
        try {
            handler.handle(new Callback[] {name, password});
        } catch (IOException | UnsupportedCallbackException e) {
            throw new LoginException(e.toString());
        }
        subject.getPrincipals()
                .addAll(RealmTest.joe(name.getName(), password.getPassword()).getPrincipals());
        return true;
    }

    @Override
    public boolean commit() {
        return true;
    }

    @Override
    public boolean abort() {
        return true;
    }

    @Override
    public boolean logout() {
        return true;
    }
}
