import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { PayloadKey } from '../../config/payload-keys.js';
import { EncryptingCodec } from './encrypting-codec.js';

/** Where the failure converter lies: compiled, or its source. */
function failureConverterPath(): string {
  const compiled = fileURLToPath(new URL('./failure-converter.js', import.meta.url));
  return existsSync(compiled) ? compiled : compiled.replace(/\.js$/, '.ts');
}

/** How workers and clients write and read payloads under `keys`: all encrypted, with what failures say. */
export const dataConverterOf = ({ keys }: { keys: readonly PayloadKey[] }): DataConverter => ({
  payloadCodecs: [new EncryptingCodec({ keys })],
  failureConverterPath: failureConverterPath(),
});
