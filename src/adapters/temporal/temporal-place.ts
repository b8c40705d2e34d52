import type { TLSConfig } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { TemporalSettings } from '../../config/temporal-settings.js';
import { dataConverterOf } from '../payload-codec/data-converter.js';

/** Where Temporal is, and how it is spoken to. */
export interface TemporalPlace {
  /** host:port, as gRPC takes it. */
  address: string;
  namespace: string;
  apiKey: string | null;
  tls?: TLSConfig;
  /** Headers of each call. */
  metadata?: Record<string, string>;
  /** How payloads are written and read; without it as Temporal does by itself. */
  dataConverter?: DataConverter;
}

/** What `Connection.connect` and `NativeConnection.connect` take of a place. */
export const connectionOptions = ({
  address,
  apiKey,
  tls,
  metadata,
}: TemporalPlace): { address: string; apiKey?: string; tls?: TLSConfig | true; metadata?: Record<string, string> } => ({
  address,
  ...(apiKey === null ? {} : { apiKey, tls: true }),
  ...(tls ? { tls } : {}),
  ...(metadata ? { metadata } : {}),
});

/** What `Client` takes of a place besides its connection. */
export const clientOptions = ({
  namespace,
  dataConverter,
}: TemporalPlace): { namespace: string; dataConverter?: DataConverter } => ({
  namespace,
  ...(dataConverter ? { dataConverter } : {}),
});

/** The place that settings name; `address` stands in where they name none. */
export function temporalPlaceOf({
  settings: { address: configured, namespace, apiKey, tls, headers, payloadKeys },
  address,
}: {
  settings: TemporalSettings;
  address?: string;
}): TemporalPlace {
  const at = configured ?? address;
  if (at === undefined) throw new Error('TEMPORAL_ADDRESS: is not set; expected host:port such as 127.0.0.1:7233');
  return {
    address: at,
    namespace,
    apiKey: apiKey?.reveal() ?? null,
    ...(tls ? { tls: tlsConfig(tls) } : {}),
    ...(Object.keys(headers).length > 0 ? { metadata: revealed(headers) } : {}),
    ...(payloadKeys.length > 0 ? { dataConverter: dataConverterOf({ keys: payloadKeys }) } : {}),
  };
}

const revealed = (headers: TemporalSettings['headers']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));

const tlsConfig = ({
  serverName,
  serverCertificateAuthority,
  client,
}: NonNullable<TemporalSettings['tls']>): TLSConfig => ({
  ...(serverName === null ? {} : { serverNameOverride: serverName }),
  ...(serverCertificateAuthority === null ? {} : { serverRootCACertificate: Buffer.from(serverCertificateAuthority) }),
  ...(client && {
    clientCertPair: { crt: Buffer.from(client.certificate), key: Buffer.from(client.key.reveal()) },
  }),
});
