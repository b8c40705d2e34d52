import { X509Certificate } from 'node:crypto';
import type { TemporalPlace } from '../../adapters/temporal/temporal-place.js';
import type { Settings } from '../../config/settings.js';
import { isPolled, missingSearchAttributes, registerSearchAttributes, withTemporal } from '../start/temporal-health.js';
import {
  createNamespace,
  namespaceRetention,
  raiseRetention,
  wantedRetentionDays,
} from '../start/temporal-namespace.js';
import { temporalPlace } from './command-context.js';
import { look, type Check } from './doctor-checks.js';
import { olderKeysCheck } from './doctor-payload-keys.js';

const workerSeenMilliseconds = 120_000;
const certificateWarningDays = 30;
const dayMilliseconds = 86_400_000;

const inDays = (days: number): string => `${Number(days.toFixed(1))} ${days === 1 ? 'day' : 'days'}`;

async function namespaceCheck(place: TemporalPlace, fix: boolean): Promise<string> {
  if ((await namespaceRetention(place)) !== null) return place.namespace;
  if (!fix) throw new Error(`${place.namespace} is not there`);
  await createNamespace(place);
  return `created ${place.namespace}, keeping histories for ${wantedRetentionDays} days`;
}

async function retentionCheck(place: TemporalPlace, fix: boolean): Promise<string> {
  const days = (await namespaceRetention(place)) ?? 0;
  if (days >= wantedRetentionDays) return `histories are kept for ${inDays(days)}`;
  if (!fix) throw new Error(`histories are kept for ${inDays(days)}, ${wantedRetentionDays} days are better`);
  await raiseRetention(place);
  return `raised from ${inDays(days)} to ${wantedRetentionDays}`;
}

async function searchAttributeCheck(place: TemporalPlace, fix: boolean): Promise<string> {
  const missing = await missingSearchAttributes(place);
  if (missing.length === 0) return 'all registered';
  if (!fix) throw new Error(`${missing.join(', ')} not registered as Keyword`);
  await registerSearchAttributes(place, missing);
  return `registered ${missing.join(', ')}`;
}

/** Our own certificate, a warning while there is time to get the next one. */
async function certificateCheck(certificate: string): Promise<Check> {
  const left = (Date.parse(new X509Certificate(certificate).validTo) - Date.now()) / dayMilliseconds;
  const mend = 'Get a new one, and set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH.';
  const say = left > 0 ? `valid for ${inDays(left)} more` : `expired ${inDays(-left)} ago`;
  return look(
    'Temporal certificate',
    mend,
    async () => {
      if (left <= certificateWarningDays) throw new Error(say);
      return say;
    },
    left > 0 ? 'warning' : 'failed',
  );
}

/**
 * Temporal: reachable, namespace there with enough retention, search attributes registered, a worker polls, nothing needs
 * an older payload key. What is missing `fix` makes, and nothing else; doing it again does nothing.
 */
export async function temporalChecks({ settings, fix }: { settings: Settings; fix: boolean }): Promise<Check[]> {
  const place = await temporalPlace(settings);
  const client = settings.temporal.tls?.client;
  const certificate = client ? [await certificateCheck(client.certificate)] : [];
  const mend = place.configured
    ? 'Check TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY and TEMPORAL_TLS_...'
    : 'Run "npm start", or set TEMPORAL_ADDRESS.';
  const reached = await look('Temporal', mend, async () => {
    await withTemporal(place, (connection) => connection.workflowService.getSystemInfo({}));
    return `${place.address}${settings.temporal.tls ? ', encrypted' : ''}`;
  });
  if (reached.state !== 'ok') return [...certificate, reached];
  const namespace = await look(
    'namespace',
    fix
      ? 'Create it by hand, where the server takes no such order, as Temporal Cloud does not.'
      : 'Run "understudy doctor --fix", or check TEMPORAL_NAMESPACE.',
    () => namespaceCheck(place, fix),
  );
  if (namespace.state !== 'ok') return [...certificate, reached, namespace];
  const since = new Date(Date.now() - workerSeenMilliseconds);
  const fixing = fix
    ? 'Have it done by somebody who may change the namespace: in Temporal Cloud, or by "temporal operator".'
    : 'Run "understudy doctor --fix".';
  return [
    ...certificate,
    reached,
    namespace,
    // Shorter is no fault in itself; that it could not be raised, although that was asked for, is one.
    await look('retention', fixing, () => retentionCheck(place, fix), fix ? 'failed' : 'warning'),
    await look('search attributes', fixing, () => searchAttributeCheck(place, fix)),
    await look(
      'worker',
      'Run "npm start", or start a worker.',
      async () => {
        if (await isPolled(place, { queue: 'orchestration', since })) return 'polls';
        throw new Error('nobody polls the queue orchestration');
      },
      'warning',
    ),
    ...(settings.temporal.payloadKeys.length > 0
      ? [await olderKeysCheck({ place, keys: settings.temporal.payloadKeys, fix })]
      : []),
  ];
}
