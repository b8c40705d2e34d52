import type { Arm } from '../domain/rollout/traffic-plan.js';

/** Requests of one arm within the window, and how many of them had each event; both may be fractions of a scrape. */
export interface ArmRates {
  requests: number;
  events: Readonly<Record<string, number>>;
}

export interface MetricsReading {
  arms: Record<Arm, ArmRates>;
  /** When the oldest gateway that still shows was read last, ISO 8601; null where none shows. */
  measuredAt: string | null;
}

/**
 * What a monitoring system knows of a release. It counts requests, not keys, and lags behind: absolute limits and
 * dashboards rest on it, never a relative guard. Rejects with a `PortError` where it can't be asked.
 */
export interface MetricsSource {
  read(input: {
    model: string;
    fromRevision: number;
    windowMilliseconds: number;
    now: string;
  }): Promise<MetricsReading>;
}
