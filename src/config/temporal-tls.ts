import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ClientConfigTLS, ConfigDataSource } from '@temporalio/envconfig';
import type { SettingProblem } from './read-environment.js';
import { Secret } from './secret.js';

/** How the connection is encrypted and by which certificate it says who we are; texts are PEM. */
export interface TemporalTls {
  /** The name that the server's certificate must carry, where it is not the address. */
  serverName: string | null;
  /** Who may have signed the server's certificate; null is whom this machine trusts. */
  serverCertificateAuthority: string | null;
  client: { certificate: string; key: Secret } | null;
}

const names = {
  certificate: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
  key: 'TEMPORAL_TLS_CLIENT_KEY_PATH',
  authority: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
} as const;

/**
 * Reads and checks what `tls` names; null where the connection is plain. Each thing that is wrong joins `problems`.
 */
export function readTls({
  tls,
  unverified,
  problems,
}: {
  tls: ClientConfigTLS | undefined;
  /** What `TEMPORAL_TLS_DISABLE_HOST_VERIFICATION` says, if anything. */
  unverified: string | undefined;
  problems: SettingProblem[];
}): TemporalTls | null {
  const read = (name: string, source: ConfigDataSource | undefined): string | null => {
    if (source === undefined) return null;
    if ('data' in source) return Buffer.from(source.data).toString('utf8');
    try {
      return readFileSync(source.path, 'utf8');
    } catch (error) {
      const expected = `a file that can be read (${(error as Error).message})`;
      problems.push({ name, value: source.path, expected, mend: 'Name a PEM file.' });
      return null;
    }
  };
  if (unverified !== undefined)
    problems.push({
      name: 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
      value: unverified,
      expected: 'not to be set: a server that proves nothing may be anybody',
      mend: `Unset it, and name the authority that signed the server in ${names.authority}.`,
    });
  if (tls === undefined || tls.disabled === true) return null;
  const certificate = read(names.certificate, tls.clientCert);
  const key = read(names.key, tls.clientKey);
  if ((tls.clientCert === undefined) !== (tls.clientKey === undefined))
    problems.push({
      name: tls.clientCert === undefined ? names.certificate : names.key,
      value: null,
      expected: `a PEM file, since ${tls.clientCert === undefined ? names.key : names.certificate} is set`,
      mend: 'Set both or none.',
    });
  return {
    serverName: tls.serverName ?? null,
    serverCertificateAuthority: read(names.authority, tls.serverCACert),
    client: certificate === null || key === null ? null : pairOf({ certificate, key, problems }),
  };
}

function pairOf({
  certificate,
  key,
  problems,
}: {
  certificate: string;
  key: string;
  problems: SettingProblem[];
}): TemporalTls['client'] {
  try {
    if (new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
      return { certificate, key: new Secret(key) };
    problems.push({
      name: names.key,
      value: '(secret)',
      expected: "the certificate's own key",
      mend: 'Name the key that the certificate was made with.',
    });
  } catch {
    problems.push({
      name: names.certificate,
      value: '(certificate and key)',
      expected: 'a certificate and a key in PEM',
      mend: 'Name both as files, or give both as text.',
    });
  }
  return null;
}
