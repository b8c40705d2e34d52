import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addMove } from './move.js';
import { addWorkerRollout } from './rollout.js';
import { addWorkerStatus } from './status.js';

/** `worker status`, `worker rollout` and `worker move`: versions of the workers. */
export function addWorker(program: Command, context: CommandContext): void {
  const worker = program.command('worker').description('versions of the workers, and what runs on each');
  addWorkerStatus(worker, context);
  addWorkerRollout(worker, context);
  addMove(worker, context);
}
