import type { TemporalPlace } from '../adapters/temporal/temporal-place.js';
import type { ConnectOptions } from './client-types.js';

/** The part of `ConnectOptions` that says where Temporal is. */
export const connectOptions = ({
  address,
  namespace,
  apiKey,
  tls,
  metadata,
  dataConverter,
}: TemporalPlace): Omit<ConnectOptions, 'storeDirectory'> => ({
  address,
  namespace,
  ...(apiKey === null ? {} : { apiKey }),
  ...(tls ? { tls } : {}),
  ...(metadata ? { metadata } : {}),
  ...(dataConverter ? { dataConverter } : {}),
});
