/** The text of bytes in UTF-8, or in UTF-16 with its mark; null for any other encoding, which can only be guessed. */
export function decodeText(bytes: Uint8Array): string | null {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes).replace(/\r\n?/gu, '\n');
  } catch {
    return null;
  }
}
