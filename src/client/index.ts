export { UnderstudyClient, type ConnectOptions } from './understudy-client.js';
export { applySpecification, type AppliedSpecification } from './apply.js';
export { SpecificationRefused } from './specification-file.js';
export type { LifecycleState } from '../domain/release/lifecycle-state.js';
export type { Progress, ReleaseResult } from '../contracts/release.js';
export type { ReleaseRecord } from '../domain/release/release-record.js';
