import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addDataBuild } from './build.js';
import { addDataDiff } from './diff.js';
import { addDataIngest } from './ingest.js';
import { addDataProfile } from './profile.js';
import { addDataShow } from './show.js';

/** `data …`: data sets without Temporal. */
export function addData(program: Command, context: CommandContext): Command {
  const data = program.command('data').description('build data sets, look at them and compare them');
  addDataBuild(data, context);
  addDataIngest(data, context);
  addDataShow(data, context);
  addDataDiff(data, context);
  addDataProfile(data, context);
  return data;
}
