import type { LifecycleState } from '../../domain/release/lifecycle-state.js';

/** Which workflows run now, and what those of the models know. Every method rejects where Temporal can't say. */
export interface Lifecycles {
  /** Models with a running lifecycle. */
  models(): Promise<string[]>;
  /** What the lifecycle of a model knows; null where none runs. */
  describe(input: { model: string }): Promise<LifecycleState | null>;
  isRunning(input: { workflowId: string }): Promise<boolean>;
}
