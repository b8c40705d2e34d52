import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addCalibrate } from './calibrate.js';
import { addLabel } from './label.js';

/** `judge …`: holds a judge against people. */
export function addJudge(program: Command, context: CommandContext): void {
  const judge = program.command('judge').description('let people label answers, and hold the judge against them');
  addLabel(judge, context);
  addCalibrate(judge, context);
}
