import type { GatewaySettings } from '../config/gateway-settings.js';
import type { Admission, Answerer } from './answerer.js';
import type { AnswerBook } from './answer-book.js';
import type { Clock } from './clock.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import type { Grounding } from './grounding.js';
import type { KeyRing } from './key-ring.js';
import type { Languages } from './languages.js';
import type { LimitSharing } from './limit-sharing.js';
import type { Mirror } from './mirror.js';
import type { PlanReader } from './plan-reader.js';
import type { RateLimiter } from './rate-limit.js';
import type { RequestLog } from './request-log.js';
import type { SummaryReader } from './summary-reader.js';
import type { TelemetryRecorder } from './telemetry-recorder.js';
import type { ReleaseUpstream } from './upstream.js';

/** The parts of one gateway, as its routes use them. */
export interface GatewayContext {
  settings: GatewaySettings;
  clock: Clock;
  keys: KeyRing;
  languages: Languages;
  limiter: RateLimiter;
  sharing: LimitSharing;
  plans: PlanReader;
  recorder: TelemetryRecorder;
  metrics: GatewayMetrics;
  admission: Admission;
  answerer: Answerer;
  upstream: ReleaseUpstream;
  grounding: Grounding;
  log: RequestLog;
  mirror: Mirror;
  book: AnswerBook;
  summaries: SummaryReader;
}
