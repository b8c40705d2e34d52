import { mkdtemp, rm } from 'node:fs/promises';
import { createSecureServer, type IncomingHttpHeaders, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection } from '@temporalio/worker';
import { expect } from 'chai';
import { clientOptions, connectionOptions, temporalPlaceOf } from '../../src/adapters/temporal/temporal-place.js';
import { readTemporalSettings } from '../../src/config/temporal-settings.js';
import { createAuthority, type CertificateAuthority, type IssuedCertificate } from '../support/certificates.js';
import { localEnvironment } from '../support/temporal.js';
import { startTlsProxy } from '../support/tls-proxy.js';
import { runLine } from '../unit/cli/run-line.js';

describe('a Temporal server that asks for certificates', function () {
  this.timeout(120_000);
  let folder: string;
  let environment: TestWorkflowEnvironment;
  let authority: CertificateAuthority;
  let stranger: CertificateAuthority;
  let proxy: Awaited<ReturnType<typeof startTlsProxy>>;
  let certificates: Record<'server' | 'worker' | 'strange', IssuedCertificate>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-tls-'));
    environment = await localEnvironment();
    authority = await createAuthority({ folder: join(folder, 'own') });
    stranger = await createAuthority({ folder: join(folder, 'strange') });
    certificates = {
      server: await authority.issue('server'),
      worker: await authority.issue('worker'),
      strange: await stranger.issue('worker'),
    };
    proxy = await startTlsProxy({
      server: certificates.server,
      authority: authority.certificate,
      target: environment.address,
    });
  });
  after(async () => {
    await proxy?.close();
    await environment?.teardown();
    await rm(folder, { recursive: true, force: true });
  });

  const settings = ({
    certificate = certificates.worker,
    signedBy = authority,
  }: { certificate?: IssuedCertificate | null; signedBy?: CertificateAuthority } = {}): Record<string, string> => ({
    UNDERSTUDY_HOME: folder,
    TEMPORAL_ADDRESS: proxy.address,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: signedBy.certificateFile,
    ...(certificate && {
      TEMPORAL_TLS_CLIENT_CERT_PATH: certificate.certificateFile,
      TEMPORAL_TLS_CLIENT_KEY_PATH: certificate.keyFile,
    }),
  });
  const doctor = async (variables: Record<string, string>) => {
    const { json } = await runLine(['doctor', '--json'], variables);
    const { checks } = json<{ checks: { name: string; state: string; found: string }[] }>();
    return Object.fromEntries(checks.map((check) => [check.name, check]));
  };

  it('lets clients and workers in by theirs', async () => {
    const place = temporalPlaceOf({ settings: readTemporalSettings({ environment: settings() }) });
    const connection = await Connection.connect(connectionOptions(place));
    const native = await NativeConnection.connect(connectionOptions(place));
    try {
      const client = new Client({ connection, ...clientOptions(place) });
      const handle = await client.workflow.start('release', { workflowId: 'w', taskQueue: 'nobody', args: [] });
      expect((await environment.client.workflow.getHandle('w').describe()).runId).to.equal(handle.firstExecutionRunId);
      await handle.terminate('seen');
      expect(proxy.callers).to.include('worker');
    } finally {
      await connection.close();
      await native.close();
    }
  });

  it('is checked by the command, with how long the certificate is still good', async () => {
    const checks = await doctor(settings());
    expect(checks['Temporal']).to.include({ state: 'ok', found: `${proxy.address}, encrypted` });
    expect(checks['namespace']!.state).to.equal('ok');
    expect(checks['Temporal certificate']).to.include({ state: 'warning' });
    expect(checks['Temporal certificate']!.found).to.match(/^valid for \d/);
    const { code, stderr } = await runLine(['status'], settings());
    expect(code, stderr).to.equal(0);
  });

  it('lets nobody in without, or by one that somebody else signed', async () => {
    for (const certificate of [null, certificates.strange])
      expect((await doctor(settings({ certificate })))['Temporal']!.state).to.equal('failed');
  });

  it('is not believed where somebody else signed it', async () => {
    const checks = await doctor(settings({ signedBy: stranger }));
    expect(checks['Temporal']!.state).to.equal('failed');
  });

  it('gets an API key over an encrypted connection alone, with the namespace', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const cloud = createSecureServer({ key: certificates.server.key, cert: certificates.server.certificate });
    cloud.on('stream', (stream, headers) => {
      seen.push(headers);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '7', 'grpc-message': 'no' });
      stream.end();
    });
    const sessions: ServerHttp2Session[] = [];
    cloud.on('session', (session) => sessions.push(session)).on('sessionError', () => undefined);
    await new Promise<void>((resolve) => cloud.listen(0, '127.0.0.1', resolve));
    try {
      const address = `127.0.0.1:${(cloud.address() as AddressInfo).port}`;
      const checks = await doctor({
        UNDERSTUDY_HOME: folder,
        TEMPORAL_ADDRESS: address,
        TEMPORAL_NAMESPACE: 'support.a1b2c',
        TEMPORAL_API_KEY: 'cloud-key-1234',
        TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.certificateFile,
      });
      expect(checks['Temporal']!.state).to.equal('failed');
      expect(JSON.stringify(checks)).not.to.contain('cloud-key-1234');
      expect(seen.length).to.be.greaterThan(0);
      for (const headers of seen) expect(headers['authorization']).to.equal('Bearer cloud-key-1234');
    } finally {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => cloud.close(() => resolve()));
    }
  });
});
