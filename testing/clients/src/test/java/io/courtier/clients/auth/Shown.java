// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import io.netty.pkitesting.X509Bundle;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyManagerFactorySpi;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/** What a client shows in the handshake, whatever the server asks for: also certificates that no key store takes. */
final class Shown extends X509ExtendedKeyManager {
    private final PrivateKey key;
    private final X509Certificate[] chain;

    private Shown(PrivateKey key, X509Certificate[] chain) {
        this.key = key;
        this.chain = chain;
    }

    static KeyManagerFactory by(X509Bundle own, X509Certificate... chain) {
        Shown shown = new Shown(own.getKeyPair().getPrivate(), chain);
        KeyManagerFactorySpi one = new KeyManagerFactorySpi() {
            @Override
            protected void engineInit(KeyStore store, char[] password) {}

            @Override
            protected void engineInit(ManagerFactoryParameters parameters) {}

            @Override
            protected KeyManager[] engineGetKeyManagers() {
                return new KeyManager[] {shown};
            }
        };
        return new KeyManagerFactory(one, null, "shown") {};
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
        return "own";
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
        return "own";
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
        return new String[] {"own"};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return chain.clone();
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return key;
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
        return null;
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
        return null;
    }
}
