import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { PayloadKey } from '../../config/payload-keys.js';
import { EncryptingCodec } from './encrypting-codec.js';

/** Where the failure converter lies: compiled, or its source. Temporal loads it by `require`. */
function failureConverterPath(): string {
  const compiled = fileURLToPath(new URL('./failure-converter.js', import.meta.url));
  if (!existsSync(compiled)) return compiled.replace(/\.js$/, '.ts');
  if (!('require_module' in process.features))
    throw new Error(`Node ${process.versions.node}: can't load what encrypts failures; expected 20.19 or newer`);
  return compiled;
}

/** How workers and clients write and read payloads under `keys`: all encrypted, with what failures say. */
export const dataConverterOf = ({ keys }: { keys: readonly PayloadKey[] }): DataConverter => ({
  payloadCodecs: [new EncryptingCodec({ keys })],
  failureConverterPath: failureConverterPath(),
});
