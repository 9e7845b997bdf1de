// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal.tls;

import io.courtier.listener.CannotOpen;
import io.courtier.listener.tls.RevocationLists;
import io.courtier.listener.tls.TlsMaterial;
import io.courtier.listener.tls.TlsSettings;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What new connections shake hands with. Any thread. Connections keep theirs; the garbage collector frees the native
 * memory of one that no connection uses.
 */
public final class TlsContext {
    private final TlsMaterial material;
    private final SslContext context;

    private TlsContext(TlsMaterial material, SslContext context) {
        this.material = material;
        this.context = context;
    }

    public static TlsContext of(TlsMaterial material) throws CannotOpen {
        TlsSettings settings = material.settings();
        SslProvider provider = provider(settings);
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(
                            material.key(), material.chain().toArray(new X509Certificate[0]))
                    .sslProvider(provider)
                    .protocols(settings.protocols());
            if (settings.clientCertificate() != TlsSettings.ClientCertificate.NONE) {
                X509ExtendedTrustManager judge = material.trustManager();
                if (judge != null) {
                    builder.trustManager(judge);
                } else {
                    builder.trustManager(material.authorities().toArray(new X509Certificate[0]));
                }
            }
            builder.clientAuth(
                    switch (settings.clientCertificate()) {
                        case NONE -> ClientAuth.NONE;
                        case WANT -> ClientAuth.OPTIONAL;
                        case NEED -> ClientAuth.REQUIRE;
                    });
            return new TlsContext(material, builder.build());
        } catch (SSLException | IllegalArgumentException refused) {
            throw CannotOpen.now(
                    "TLS cannot be set up (" + refused.getMessage() + "): check the tls keys in " + settings.file());
        }
    }

    /** A handler for one connection. */
    public SslHandler newHandler(ByteBufAllocator allocator) {
        return context.newHandler(allocator);
    }

    /**
     * After the handshake: there will be no other on this connection, since each costs us far more than the client, and its
     * certificate was looked at. OpenSSL refuses them by itself, and TLS 1.3 has none. Java has no switch for one connection,
     * but a handshake that finds no cipher suite fails.
     */
    public void shookHands(SslHandler handler) {
        boolean jdk = provider().equals("jdk");
        if (jdk && handler.engine().getSession().getProtocol().equals("TLSv1.2")) {
            handler.engine().setEnabledCipherSuites(new String[0]);
        }
    }

    public TlsSettings.ClientCertificate clientCertificate() {
        return material.settings().clientCertificate();
    }

    /** Whose client certificates are believed; empty where clients are not asked. */
    public List<X509Certificate> authorities() {
        return material.authorities();
    }

    /** Who is not believed in spite of that, or null where nobody is to ask. */
    public @Nullable RevocationLists revocation() {
        return material.revocation();
    }

    /** {@code openssl} or {@code jdk}. */
    public String provider() {
        return context.sessionContext() instanceof io.netty.handler.ssl.OpenSslSessionContext ? "openssl" : "jdk";
    }

    private static SslProvider provider(TlsSettings settings) throws CannotOpen {
        return switch (settings.provider()) {
            case JDK -> SslProvider.JDK;
            case AUTO -> OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
            case OPENSSL -> {
                if (!OpenSsl.isAvailable()) {
                    throw CannotOpen.ever("tls.provider=openssl, but netty-tcnative is not there for this platform:"
                            + " install it or say auto in " + settings.file());
                }
                yield SslProvider.OPENSSL;
            }
        };
    }
}
