import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Zstd } from '@hpcc-js/wasm-zstd';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const compressionLevel = 3;
/** Under this a compressed text is not shorter. */
const shortestCompressed = 128;

/** The first byte of what is encrypted: how the rest is written. */
const plain = 0;
const compressed = 1;

/** What an envelope is bound to besides its content: moved under another key's id it opens no more. */
const associated = (keyId: string): Buffer => Buffer.from(`understudy payload 1 ${keyId}`);

/**
 * Compresses with Zstandard and encrypts with AES-256-GCM under a nonce of its own: nonce, ciphertext, tag. At 96 random
 * bits a nonce, a key is good for 2^32 envelopes (NIST SP 800-38D, section 8.3).
 */
export async function seal({ keyId, key, body }: { keyId: string; key: Buffer; body: Uint8Array }): Promise<Buffer> {
  const zstd = await Zstd.load();
  const packed = body.length >= shortestCompressed ? zstd.compress(body, compressionLevel) : body;
  const shorter = packed.length < body.length;
  const nonce = randomBytes(nonceBytes);
  const encryption = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes }).setAAD(associated(keyId));
  return Buffer.concat([
    nonce,
    encryption.update(Buffer.from([shorter ? compressed : plain])),
    encryption.update(shorter ? packed : body),
    encryption.final(),
    encryption.getAuthTag(),
  ]);
}

/**
 * What was sealed.
 * @throws Error where the key is another or a bit has changed.
 */
export async function open({
  keyId,
  key,
  body,
}: {
  keyId: string;
  key: Buffer;
  body: Uint8Array;
}): Promise<Uint8Array> {
  const decryption = createDecipheriv(cipher, key, body.subarray(0, nonceBytes), { authTagLength: tagBytes }).setAAD(
    associated(keyId),
  );
  decryption.setAuthTag(body.subarray(-tagBytes));
  const opened = Buffer.concat([decryption.update(body.subarray(nonceBytes, -tagBytes)), decryption.final()]);
  const content = opened.subarray(1);
  if (opened[0] === plain) return content;
  const zstd = await Zstd.load();
  return zstd.decompress(content);
}
