import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { SettingsError } from '../../../src/config/read-environment.js';
import { readSettings } from '../../../src/config/settings.js';
import { temporalPlaceOf } from '../../../src/adapters/temporal/temporal-place.js';
import { secretsIn } from '../../../src/config/secret.js';
import { readTemporalSettings } from '../../../src/config/temporal-settings.js';
import { createAuthority, type CertificateAuthority, type IssuedCertificate } from '../../support/certificates.js';

const refusal = (environment: Record<string, string>): SettingsError => {
  try {
    readTemporalSettings({ environment });
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error('expected a SettingsError');
};

describe('settings of Temporal', () => {
  let folder: string;
  let authority: CertificateAuthority;
  let client: IssuedCertificate;
  let other: IssuedCertificate;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-temporal-'));
    authority = await createAuthority({ folder });
    client = await authority.issue('client');
    other = await authority.issue('other');
  });
  after(() => rm(folder, { recursive: true, force: true }));
  const address = { TEMPORAL_ADDRESS: 'ns.example:7233' };

  it('reads certificates by their paths and hides the key', () => {
    const settings = readTemporalSettings({
      environment: {
        ...address,
        TEMPORAL_NAMESPACE: 'support.a1b2c',
        TEMPORAL_TLS_CLIENT_CERT_PATH: client.certificateFile,
        TEMPORAL_TLS_CLIENT_KEY_PATH: client.keyFile,
        TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.certificateFile,
        TEMPORAL_TLS_SERVER_NAME: 'temporal.example',
      },
    });
    expect(settings).to.deep.include({ address: 'ns.example:7233', namespace: 'support.a1b2c' });
    expect(settings.tls).to.deep.include({
      serverName: 'temporal.example',
      serverCertificateAuthority: authority.certificate,
    });
    expect(settings.tls?.client?.certificate).to.equal(client.certificate);
    expect(settings.tls?.client?.key.reveal()).to.equal(client.key);
    expect(inspect(settings, { depth: 5 }) + JSON.stringify(settings)).not.to.contain('PRIVATE KEY');
  });

  it('encrypts the connection where there is an API key, and sends the headers that are named', () => {
    const settings = readTemporalSettings({
      environment: { ...address, TEMPORAL_API_KEY: 'cloud-key', TEMPORAL_GRPC_META_X_TEAM: 'ml-team' },
    });
    expect(settings.apiKey?.reveal()).to.equal('cloud-key');
    expect(settings.tls).to.deep.equal({ serverName: null, serverCertificateAuthority: null, client: null });
    expect(Object.keys(settings.headers)).to.deep.equal(['x-team']);
    expect(temporalPlaceOf({ settings }).metadata).to.deep.equal({ 'x-team': 'ml-team' });
    expect(inspect(settings, { depth: 5 }) + JSON.stringify(settings)).not.to.contain('ml-team');
    expect(secretsIn(settings)).to.have.members(['cloud-key', 'ml-team']);
  });

  it('reads the profile of a file that is named, and no file that nobody named', async () => {
    const file = join(folder, 'temporal.toml');
    await writeFile(file, '[profile.production]\naddress = "cloud.example:7233"\nnamespace = "support"\n');
    const named = { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'production' };
    expect(readTemporalSettings({ environment: named })).to.deep.include({
      address: 'cloud.example:7233',
      namespace: 'support',
    });
    expect(readTemporalSettings({ environment: { ...named, ...address } }).address).to.equal('ns.example:7233');
    expect(readTemporalSettings({ environment: { HOME: folder, XDG_CONFIG_HOME: folder } }).address).to.equal(null);
    expect(refusal({ ...named, TEMPORAL_PROFILE: 'absent' }).message).to.contain('absent');
    expect(refusal({ TEMPORAL_CONFIG_FILE: join(folder, 'absent.toml') }).message).to.contain('TEMPORAL_CONFIG_FILE');
  });

  it('refuses what contradicts itself, all at once and without a secret', () => {
    const { problems, message } = refusal({
      TEMPORAL_API_KEY: 'cloud-key',
      TEMPORAL_TLS: 'false',
      TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true',
      UNDERSTUDY_PAYLOAD_KEYS: 'k1:short',
    });
    expect(problems.map(({ name }) => name)).to.have.members([
      'TEMPORAL_TLS',
      'TEMPORAL_ADDRESS',
      'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
      'UNDERSTUDY_PAYLOAD_KEYS',
    ]);
    expect(message).not.to.contain('cloud-key').and.not.to.contain('k1:short');
  });

  it('refuses certificates that are no pair, or not there', () => {
    const pair = (cert: string, key: string): Record<string, string> => ({
      ...address,
      TEMPORAL_TLS_CLIENT_CERT_PATH: cert,
      TEMPORAL_TLS_CLIENT_KEY_PATH: key,
    });
    expect(refusal(pair(client.certificateFile, other.keyFile)).message).to.contain("the certificate's own key");
    expect(refusal(pair(client.keyFile, client.keyFile)).message).to.contain('a certificate and a key in PEM');
    expect(refusal(pair(join(folder, 'absent.pem'), client.keyFile)).message).to.contain('absent.pem');
    expect(refusal({ ...address, TEMPORAL_TLS_CLIENT_CERT_PATH: client.certificateFile }).message).to.contain(
      'TEMPORAL_TLS_CLIENT_KEY_PATH is not set',
    );
  });

  it('takes payload keys, the first to write with', () => {
    const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    const { payloadKeys } = readTemporalSettings({
      environment: { UNDERSTUDY_PAYLOAD_KEYS: `2026-11:${first}, 2026-05:${second}` },
    });
    expect(payloadKeys.map(({ id, key }) => [id, key.reveal()])).to.deep.equal([
      ['2026-11', first],
      ['2026-05', second],
    ]);
    const bare = Buffer.alloc(32, 1).toString('base64');
    for (const wrong of [
      bare,
      `:${bare}`,
      `a:${first},a:${second}`,
      first,
      `a:${first.slice(4)}`,
      `a b:${first}`,
      `a:${first},`,
    ])
      expect(refusal({ UNDERSTUDY_PAYLOAD_KEYS: wrong }).problems[0]?.value).to.equal('(secret)');
  });

  it('joins the other settings in one list of problems', () => {
    const environment = { TEMPORAL_ADDRESS: 'x', MLFLOW_TRACKING_URI: 'y' };
    expect(() => readSettings({ environment })).to.throw(SettingsError, '2 settings are not usable');
  });
});
