import type { AnsweredUpdate } from '../domain/release/answered-updates.js';
import type { LifecycleState } from '../domain/release/lifecycle-state.js';

/** What the parts of a model's lifecycle share. */
export interface Lifecycle {
  readonly model: string;
  /** @throws ApplicationFailure `NotReady` before the first spec is read. */
  state: LifecycleState;
  /** Whether a spec was ever accepted. */
  isApplied: boolean;
  /** Whether the first spec was refused and there is nothing to go on with: then the lifecycle ends. */
  isRefused: boolean;
  /** Whether the model's removal has begun to unload what serves: then nothing is loaded any more. */
  isRetired: boolean;
  /** Whether somebody has asked again for a removal that waits to be tried again. */
  isRemovalDue: boolean;
  /** Whether somebody has asked for a new history. */
  isRenewalDue: boolean;
  /** The newest updates that were carried out; Temporal itself remembers those of this run alone. */
  answered: AnsweredUpdate[];
  /** Runs handlers that change the state one after the other, however their activities interleave. */
  serialised: <T>(work: () => Promise<T>) => Promise<T>;
}
