// SPDX-License-Identifier: Apache-2.0
package io.courtier.transport.tcp.internal.connection;

import io.courtier.listener.tls.Handshake;
import io.courtier.listener.tls.RevocationLists;
import io.courtier.listener.tls.TlsSettings;
import io.courtier.spi.transport.TlsInfo;
import io.courtier.transport.tcp.internal.tls.TlsContext;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.security.cert.CertPathValidatorException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes a connection through what comes before MQTT: the PROXY header, then the TLS handshake, both within one time
 * limit. Then {@link TcpConnection} takes its place.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty reports failures to the pipeline.
final class ConnectionOpening extends ChannelInboundHandlerAdapter {
    private final Reception reception;
    private final Reception.Terms terms;
    private final boolean proxied;
    private @Nullable Future<?> timeout;
    private @Nullable InetSocketAddress toldAddress;

    ConnectionOpening(Reception reception, Reception.Terms terms, boolean proxied) {
        this.reception = reception;
        this.terms = terms;
        this.proxied = proxied;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        timeout = ctx.executor()
                .schedule(() -> timedOut(ctx), terms.settings().handshakeTimeoutMillis(), TimeUnit.MILLISECONDS);
        if (proxied) {
            ctx.pipeline().addFirst(new HAProxyMessageDecoder(true));
        } else {
            secure(ctx);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HAProxyMessage header) {
            try {
                // LOCAL (a health check of the proxy itself) and UNKNOWN tell no address: the socket's own holds.
                AddressFamily family = header.proxiedProtocol().addressFamily();
                if (header.sourceAddress() != null
                        && (family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6)) {
                    toldAddress = InetSocketAddress.createUnresolved(header.sourceAddress(), header.sourcePort());
                }
            } finally {
                header.release();
            }
            secure(ctx);
        } else {
            // Bytes behind a header or a handshake that failed.
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
            return;
        }
        SslHandler ssl = ctx.pipeline().get(SslHandler.class);
        if (!handshake.isSuccess() || ssl == null) {
            CertPathValidatorException refusal = RevocationLists.refusal(handshake.cause());
            if (refusal != null) {
                sayRefused(refusal);
            }
            tlsFailed(ctx.channel(), String.valueOf(handshake.cause()));
            return;
        }
        TlsContext tls = terms.tls();
        TlsInfo info = Handshake.info(ssl.engine().getSession(), tls == null ? List.of() : tls.authorities());
        if (tls != null
                && tls.clientCertificate() == TlsSettings.ClientCertificate.NEED
                && info.peerCertificates().isEmpty()) {
            tlsFailed(ctx.channel(), "no client certificate");
            return;
        }
        if (tls != null) {
            tls.shookHands(ssl);
        }
        arrived(ctx, info);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof HAProxyProtocolException) {
            proxyHeaderMissing(ctx);
        } else {
            Reception.LOG.debug(
                    "listener={} remote={} ended before MQTT: {}",
                    reception.listener(),
                    ctx.channel().remoteAddress(),
                    String.valueOf(cause));
        }
        cutOff(ctx);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    private void secure(ChannelHandlerContext ctx) {
        TlsContext tls = terms.tls();
        if (tls == null) {
            arrived(ctx, null);
            return;
        }
        SslHandler ssl = tls.newHandler(ctx.alloc());
        // One limit for all of it: ours.
        ssl.setHandshakeTimeoutMillis(0);
        ssl.setCloseNotifyFlushTimeoutMillis(Farewell.FLUSH_MILLIS);
        ctx.pipeline().addBefore(ctx.name(), null, ssl);
    }

    private void arrived(ChannelHandlerContext ctx, @Nullable TlsInfo tls) {
        Channel channel = ctx.channel();
        List<X509Certificate> certificates = tls == null ? List.of() : tls.peerCertificates();
        TcpConnection connection = new TcpConnection(reception, terms, channel, certificates);
        ctx.pipeline().replace(this, null, connection);
        RevocationLists lists = certificates.isEmpty() ? null : reception.revocation();
        if (lists != null) {
            // Once more: the session may have been resumed, and the lists renewed meanwhile. From here on the reception
            // finds the connection when they are.
            try {
                lists.check(certificates);
            } catch (CertPathValidatorException refusal) {
                sayRefused(refusal);
                tlsFailed(channel, String.valueOf(refusal.getMessage()));
                return;
            }
        }
        connection.accept(toldAddress != null ? toldAddress : (InetSocketAddress) channel.remoteAddress(), tls);
    }

    private void timedOut(ChannelHandlerContext ctx) {
        reception.counters().handshakeTimeouts.increment();
        Reception.LOG.debug(
                "listener={} remote={} no handshake in time",
                reception.listener(),
                ctx.channel().remoteAddress());
        cutOff(ctx);
    }

    private void sayRefused(CertPathValidatorException refusal) {
        if (refusal.getReason() == CertPathValidatorException.BasicReason.REVOKED) {
            reception.counters().revoked.increment();
        }
        reception.refusals().happened("refused: " + refusal.getMessage());
    }

    private void tlsFailed(Channel channel, String why) {
        reception.counters().tlsFailed.increment();
        Reception.LOG.debug(
                "listener={} remote={} TLS handshake failed: {}", reception.listener(), channel.remoteAddress(), why);
        // In order, so that the alert that tells the client why leaves first.
        channel.close();
    }

    private void proxyHeaderMissing(ChannelHandlerContext ctx) {
        reception.counters().proxyHeadersMissing.increment();
        reception
                .proxyWarning()
                .happened("no PROXY header from " + ctx.channel().remoteAddress()
                        + ": let the proxy send one or take it out of proxy.protocol.from in "
                        + terms.settings().file());
    }

    private static void cutOff(ChannelHandlerContext ctx) {
        ChannelHandlerContext first = ctx.pipeline().firstContext();
        (first == null ? ctx : first).close();
    }
}
