import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { dumpYaml } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { readOutputs, readSettings } from '../settings.js';
import { manifestsOf } from './manifests.js';

const usage = 'usage: npm run manifests -- --settings FILE --outputs FILE';

/** Prints the manifests of an installation as YAML, for `kubectl apply --server-side -f -`. Exits 2 where it can't. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { settings: { type: 'string' }, outputs: { type: 'string' } } });
  if (values.settings === undefined || values.outputs === undefined) throw new Error(usage);
  const read = async (path: string) => ({ path, content: parse(await readFile(path, 'utf8')) as unknown });
  const settings = readSettings(await read(values.settings));
  const outputs = readOutputs(await read(values.outputs));
  process.stdout.write(
    manifestsOf({ settings, outputs })
      .map((object) => `---\n${yamlOf(object)}`)
      .join(''),
  );
}

/** The client's types name some fields as JavaScript can; Kubernetes knows them by their own names. */
const yamlOf = (object: unknown): string => dumpYaml(object, { noRefs: true });

main().catch((error: unknown) => {
  process.stderr.write(`manifests: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
