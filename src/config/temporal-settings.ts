import { readFileSync } from 'node:fs';
import { loadClientConfigProfile, type ClientConfigProfile } from '@temporalio/envconfig';
import { z } from 'zod';
import { hostAndPort, secret } from './fields.js';
import { payloadKeys, type PayloadKey } from './payload-keys.js';
import {
  collecting,
  readEnvironment,
  SettingsError,
  type Environment,
  type SettingDefinition,
  type SettingProblem,
} from './read-environment.js';
import { Secret } from './secret.js';
import { readTls, type TemporalTls } from './temporal-tls.js';

export interface TemporalSettings {
  /** Null where a server is started. */
  address: string | null;
  namespace: string;
  apiKey: Secret | null;
  /** Null is a plain connection. */
  tls: TemporalTls | null;
  /** Headers that each call carries besides, as a proxy before the server may want one that says who we are. */
  headers: Readonly<Record<string, Secret>>;
  /** What payloads are encrypted with: the first writes, all read. None leaves payloads as they are. */
  payloadKeys: readonly PayloadKey[];
}

const definitions = {
  TEMPORAL_ADDRESS: { schema: hostAndPort.optional(), mend: 'Unset it, or name the gRPC address of Temporal.' },
  TEMPORAL_NAMESPACE: {
    schema: z.string().regex(/^\S+$/, 'expected a name without spaces').default('default'),
    mend: 'Name a namespace that exists on the server.',
  },
  TEMPORAL_API_KEY: { schema: secret.optional(), secret: true, mend: 'Set the key of the Temporal Cloud namespace.' },
  UNDERSTUDY_PAYLOAD_KEYS: {
    schema: payloadKeys.optional(),
    secret: true,
    mend: 'Make a key with "openssl rand -base64 32", put it first and keep the old ones behind it.',
  },
} satisfies Record<string, SettingDefinition<unknown>>;

/** Encrypted, with a server whom this machine trusts, and nothing but the API key to say who we are. */
const plainTls: TemporalTls = { serverName: null, serverCertificateAuthority: null, client: null };

/** What the environment, and the file that it names, say of the connection, as Temporal's own tools read it. */
function loadProfile(environment: Record<string, string>): ClientConfigProfile {
  const { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: profile } = environment;
  try {
    // The library takes a file that is not there for one that says nothing.
    if (file !== undefined) readFileSync(file);
    // A file that nobody named might lead a laptop's run to a server of production.
    const disableFile = file === undefined && profile === undefined;
    return loadClientConfigProfile({ overrideEnvVars: environment, disableFile, configFileStrict: !disableFile });
  } catch (error) {
    const name = file === undefined ? 'TEMPORAL_PROFILE' : 'TEMPORAL_CONFIG_FILE';
    const expected = `settings that Temporal's own tools can read (${(error as Error).message})`;
    const mend = 'Name a file and a profile that are there, and each certificate by its path or its text, not by both.';
    throw new SettingsError([{ name, value: environment[name] ?? null, expected, mend }]);
  }
}

/** What is set; an empty text is not. */
const given = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, text]) => (text?.trim() ? [[name, text.trim()] as const] : [])),
  );

const asSecrets = (headers: Readonly<Record<string, string>>): Record<string, Secret> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, new Secret(value)]));

function contradictions({ address, apiKey, tls }: ClientConfigProfile): SettingProblem[] {
  const secured = apiKey !== undefined || (tls !== undefined && tls.disabled !== true);
  return [
    ...(apiKey !== undefined && tls?.disabled === true
      ? [{ name: 'TEMPORAL_TLS', value: 'false', expected: 'true, since a key travels with it', mend: 'Unset it.' }]
      : []),
    ...(address === undefined && secured
      ? [
          {
            name: 'TEMPORAL_ADDRESS',
            value: null,
            expected: 'host:port of the server that the key or the certificate is for',
            mend: 'Set it, or unset TEMPORAL_API_KEY and TEMPORAL_TLS_...',
          },
        ]
      : []),
  ];
}

/**
 * How Temporal is reached: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS_...`, or a
 * profile of the file that `TEMPORAL_CONFIG_FILE` names, by the rules of Temporal's own tools.
 * @throws SettingsError listing every setting that is wrong.
 */
export function readTemporalSettings({ environment }: { environment: Environment }): TemporalSettings {
  const texts = given(environment);
  const profile = loadProfile(texts);
  const problems = contradictions(profile);
  const unverified = texts['TEMPORAL_TLS_DISABLE_HOST_VERIFICATION'];
  const tls = readTls({ tls: profile.tls, unverified, problems });
  const found = {
    ...texts,
    TEMPORAL_ADDRESS: profile.address,
    TEMPORAL_NAMESPACE: profile.namespace,
    TEMPORAL_API_KEY: profile.apiKey,
  };
  const read = collecting(problems, () => readEnvironment({ environment: found, definitions }));
  if (read === null || problems.length > 0) throw new SettingsError(problems);
  const apiKey = read.TEMPORAL_API_KEY ?? null;
  return {
    address: read.TEMPORAL_ADDRESS ?? null,
    namespace: read.TEMPORAL_NAMESPACE,
    apiKey,
    tls: tls ?? (apiKey === null ? null : plainTls),
    headers: asSecrets(profile.grpcMeta ?? {}),
    payloadKeys: read.UNDERSTUDY_PAYLOAD_KEYS ?? [],
  };
}
