// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.io.IOException;
import java.security.Principal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.naming.AuthenticationException;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;
import javax.naming.directory.SearchControls;
import javax.naming.directory.SearchResult;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.FailedLoginException;
import javax.security.auth.login.LoginException;
import javax.security.auth.spi.LoginModule;
import org.jspecify.annotations.Nullable;

/**
 * Finds a user in a directory and binds as it with the password it brought. Unlike Karaf's module it tells a wrong password
 * (FailedLoginException) from a directory that cannot answer (LoginException), which decides whether somebody else is asked.
 * What a client wrote goes into filters as an argument, never as text.
 */
// JNDI wants a Hashtable; and attributes are asked for, never objects, so nothing is made of what a directory says.
@SuppressWarnings({"BanJNDI", "JdkObsolete"})
public final class LdapLoginModule implements LoginModule {
    private static final String CONTEXT_FACTORY = "com.sun.jndi.ldap.LdapCtxFactory";
    private static final int ROLES_MAX = 1_000;

    record UserPrincipal(String getName) implements Principal {
        @Override
        public String getName() {
            return getName;
        }
    }

    record RolePrincipal(String getName) implements Principal {
        @Override
        public String getName() {
            return getName;
        }
    }

    private Subject subject = new Subject();
    private @Nullable CallbackHandler handler;
    private Map<String, ?> options = Map.of();
    private final Set<Principal> found = new HashSet<>();

    @Override
    public void initialize(Subject of, CallbackHandler by, Map<String, ?> shared, Map<String, ?> given) {
        subject = of;
        handler = by;
        options = given;
    }

    @Override
    public boolean login() throws LoginException {
        NameCallback name = new NameCallback("user");
        PasswordCallback password = new PasswordCallback("password", false);
        ask(name, password);
        String user = name.getName();
        char[] secret = password.getPassword();
        // A bind without a password is an anonymous one, and succeeds.
        if (user == null || user.isEmpty() || secret == null || secret.length == 0) {
            throw new FailedLoginException("no user name or no password");
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // JNDI looks its provider up by it; that is the platform's.
        thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
        DirContext directory = null;
        try {
            directory = connect(
                    option("connection.username", ""),
                    option("connection.password", "").toCharArray());
            String entry = find(directory, user);
            bind(entry, secret);
            found.add(new UserPrincipal(user));
            for (String role : roles(directory, entry, user)) found.add(new RolePrincipal(role));
            return true;
        } catch (NamingException cannot) {
            throw because(cannot);
        } finally {
            close(directory);
            thread.setContextClassLoader(before);
        }
    }

    private void ask(Callback... callbacks) throws LoginException {
        CallbackHandler asked = handler;
        if (asked == null) throw new LoginException("nobody says who logs in");
        try {
            asked.handle(callbacks);
        } catch (IOException | UnsupportedCallbackException e) {
            throw new LoginException(String.valueOf(e.getMessage()));
        }
    }

    private String find(DirContext directory, String user) throws NamingException, FailedLoginException {
        String filter = option("user.filter", "(uid=%u)").replace("%u", "{0}");
        List<String> entries = new ArrayList<>();
        NamingEnumeration<SearchResult> results = directory.search(
                option("user.base.dn", ""), filter, new Object[] {user}, controls("user.search.subtree", 2));
        try {
            while (results.hasMore() && entries.size() < 2)
                entries.add(results.next().getNameInNamespace());
        } finally {
            results.close();
        }
        // Two would be an invitation to be the other one.
        if (entries.size() != 1) throw new FailedLoginException("no such user, or more than one");
        return entries.get(0);
    }

    private void bind(String entry, char[] password) throws NamingException, FailedLoginException {
        try {
            close(connect(entry, password));
        } catch (AuthenticationException wrong) {
            throw new FailedLoginException("wrong password");
        }
    }

    private List<String> roles(DirContext directory, String entry, String user) throws NamingException {
        String base = option("role.base.dn", "");
        if (base.isEmpty()) return List.of();
        String filter = option("role.filter", "(member=%fqdn)")
                .replace("%fqdn", "{0}")
                .replace("%dn", "{0}")
                .replace("%u", "{1}");
        String attribute = option("role.name.attribute", "cn");
        SearchControls controls = controls("role.search.subtree", ROLES_MAX);
        controls.setReturningAttributes(new String[] {attribute});
        List<String> roles = new ArrayList<>();
        NamingEnumeration<SearchResult> results = directory.search(base, filter, new Object[] {entry, user}, controls);
        try {
            while (results.hasMore()) {
                Attribute names = results.next().getAttributes().get(attribute);
                if (names != null && names.size() > 0) roles.add(String.valueOf(names.get()));
            }
        } finally {
            results.close();
        }
        return roles;
    }

    private SearchControls controls(String subtree, int max) {
        SearchControls controls = new SearchControls();
        controls.setSearchScope(
                Boolean.parseBoolean(option(subtree, "true"))
                        ? SearchControls.SUBTREE_SCOPE
                        : SearchControls.ONELEVEL_SCOPE);
        controls.setCountLimit(max);
        controls.setReturningObjFlag(false);
        controls.setReturningAttributes(new String[0]);
        return controls;
    }

    private DirContext connect(String principal, char[] credentials) throws NamingException {
        Hashtable<String, Object> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, CONTEXT_FACTORY);
        environment.put(Context.PROVIDER_URL, option("connection.url", "ldap://127.0.0.1:389"));
        environment.put("com.sun.jndi.ldap.connect.timeout", option("connect.timeout.ms", "2000"));
        environment.put("com.sun.jndi.ldap.read.timeout", option("read.timeout.ms", "4000"));
        environment.put("java.naming.referral", "ignore");
        if (principal.isEmpty()) {
            environment.put(Context.SECURITY_AUTHENTICATION, "none");
        } else {
            environment.put(Context.SECURITY_AUTHENTICATION, "simple");
            environment.put(Context.SECURITY_PRINCIPAL, principal);
            environment.put(Context.SECURITY_CREDENTIALS, credentials);
        }
        return new InitialDirContext(environment);
    }

    private static void close(@Nullable DirContext context) {
        try {
            if (context != null) context.close();
        } catch (NamingException gone) {
            // So it is closed.
            return;
        }
    }

    private LoginException because(NamingException cannot) {
        LoginException because = new LoginException(option("connection.url", "the directory") + ": "
                + (cannot instanceof AuthenticationException ? "it refuses connection.username" : cannot.getMessage()));
        because.initCause(cannot);
        return because;
    }

    private String option(String key, String otherwise) {
        Object value = options.get(key);
        return value == null || value.toString().isBlank()
                ? otherwise
                : value.toString().strip();
    }

    @Override
    public boolean commit() {
        subject.getPrincipals().addAll(found);
        return true;
    }

    @Override
    public boolean abort() {
        found.clear();
        return true;
    }

    @Override
    public boolean logout() {
        subject.getPrincipals().removeAll(found);
        return true;
    }
}
