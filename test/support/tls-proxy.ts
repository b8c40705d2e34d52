import { connect as connectPlain, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { IssuedCertificate } from './certificates.js';

/** A TLS server that asks callers for a certificate, and hands what they say on to a plain server. */
export async function startTlsProxy({
  server,
  authority,
  target,
}: {
  server: IssuedCertificate;
  /** Who must have signed the caller's certificate. */
  authority: string;
  /** host:port of the plain server. */
  target: string;
}): Promise<{ address: string; callers: string[]; close: () => Promise<void> }> {
  const [host, port] = target.split(':');
  const open = new Set<Socket>();
  const callers: string[] = [];
  const proxy = createServer(
    {
      ...{ key: server.key, cert: server.certificate, ca: authority },
      ...{ requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] },
    },
    (caller) => {
      callers.push(String(caller.getPeerCertificate().subject.CN));
      const plain = connectPlain(Number(port), host);
      for (const socket of [caller, plain]) {
        open.add(socket);
        socket.on('error', () => socket.destroy());
      }
      caller.pipe(plain).pipe(caller);
    },
  );
  proxy.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    callers,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
