import type { Command } from 'commander';
import type { RetrievalPlace } from '../retrieval/retrieval-place.js';
import type { CommandContext } from './command-context.js';

export interface SpecOptions {
  spec: string;
  overlay: string[];
}

/** The options that name a model spec and what is laid over it. */
export const withSpec = (command: Command): Command =>
  command
    .requiredOption('--spec <file>', 'the model spec')
    .option('--overlay <file>', 'a file to lay over it; may be repeated', (file, all: string[]) => [...all, file], []);

/** What the retrieval of a spec needs; embedders and stores take a moment to load, which no other verb should wait for. */
export async function openPlace(context: CommandContext, { spec, overlay }: SpecOptions): Promise<RetrievalPlace> {
  const { openRetrieval } = await import('../retrieval/retrieval-place.js');
  return await openRetrieval({ settings: context.settings(), spec, overlays: overlay });
}
