import type { GatewaySettings } from '../config/gateway-settings.js';
import type { Admission, Answerer } from './answerer.js';
import type { AnswerBook } from './answer-book.js';
import type { Clock } from './clock.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import type { KeyRing } from './key-ring.js';
import type { PlanReader } from './plan-reader.js';
import type { RateLimiter } from './rate-limit.js';
import type { RequestLog } from './request-log.js';
import type { TelemetryRecorder } from './telemetry-recorder.js';
import type { Upstream } from './upstream.js';

/** Looks at an answer before the user does: null lets it pass, a text takes its place and counts as blocked. */
export type AnswerGuard = (input: { model: string; query: string; answer: string }) => string | null;

/** The parts of one gateway, as its routes use them. */
export interface GatewayContext {
  settings: GatewaySettings;
  clock: Clock;
  keys: KeyRing;
  limiter: RateLimiter;
  plans: PlanReader;
  recorder: TelemetryRecorder;
  metrics: GatewayMetrics;
  admission: Admission;
  answerer: Answerer;
  upstream: Upstream;
  log: RequestLog;
  book: AnswerBook;
  guard: AnswerGuard;
}
