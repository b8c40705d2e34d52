import { readGatewaySettings } from '../../src/config/gateway-settings.js';

/** A watcher of a canary reads the counters of all gateways once a second (src/activities/watch.ts). */
const watchSeconds = 1;

/** Seconds between two writes or reads of a gateway under load, as its settings have them by default. */
export function storeIntervals(): Record<'flush' | 'plan' | 'limits' | 'log' | 'watch', number> {
  const settings = readGatewaySettings({ environment: {} });
  return {
    flush: settings.telemetryFlushMilliseconds / 1000,
    plan: settings.planPollMilliseconds / 1000,
    limits: settings.limitSharingMilliseconds / 1000,
    log: settings.requestLogFlushMilliseconds / 1000,
    watch: watchSeconds,
  };
}
