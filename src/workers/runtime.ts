import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

/**
 * Sets up Temporal's part of this process, once, before anything connects. With an address it shows Prometheus there
 * what the SDK counts: tasks, slots, latencies and failures of workflows and activities.
 */
export function installRuntime({ metricsAddress }: { metricsAddress: string | null }): void {
  Runtime.install({
    logger: new DefaultLogger('INFO'),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'WARN' }), forward: {} },
      ...(metricsAddress === null
        ? {}
        : {
            metrics: {
              prometheus: {
                bindAddress: metricsAddress,
                // As Prometheus names things: counters end with _total, durations are in seconds.
                countersTotalSuffix: true,
                unitSuffix: true,
                useSecondsForDurations: true,
              },
            },
          }),
    },
    shutdownSignals: [],
  });
}
