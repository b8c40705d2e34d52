import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { PayloadKey } from '../../config/payload-keys.js';
import { open, seal } from './envelope.js';

const { Payload: payloadMessage } = proto.temporal.api.common.v1;

/** What a payload's metadata says of one that this codec wrote. */
export const encryptedEncoding = 'binary/encrypted';
const keyIdField = 'encryption-key-id';

/** What a function that returns nothing has returned. */
const nothing = 'binary/null';

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

/** A payload that can't be read here; whoever has the right key can. */
export class PayloadUnreadable extends Error {
  override readonly name = 'PayloadUnreadable';
}

/** The id of the key that a payload was written with; null where it is not encrypted. */
export const keyIdOf = ({ metadata }: Payload): string | null =>
  text(metadata?.['encoding']) === encryptedEncoding ? text(metadata?.[keyIdField]) : null;

/**
 * Compresses and encrypts whole payloads, metadata included. The key's id stands beside each, so that keys can be
 * rotated: the first key writes, every key reads. Payloads that are not encrypted are read as they are, so that the
 * codec can be switched on while releases run. What says nothing is left as it is: a Schedule hands its last result to its
 * next run, and would need a key for a month for that.
 */
export class EncryptingCodec implements PayloadCodec {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #writing: { id: string; key: Buffer };

  /** @throws Error where there is no key. */
  constructor({ keys }: { keys: readonly PayloadKey[] }) {
    const read = keys.map(({ id, key }) => ({ id, key: Buffer.from(key.reveal(), 'base64') }));
    const [first] = read;
    if (first === undefined) throw new Error('keys: is empty; expected at least one to write with');
    this.#writing = first;
    this.#keys = new Map(read.map(({ id, key }) => [id, key]));
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const { id, key } = this.#writing;
    return Promise.all(
      payloads.map(async (payload) =>
        text(payload.metadata?.['encoding']) === nothing
          ? payload
          : {
              metadata: { encoding: Buffer.from(encryptedEncoding), [keyIdField]: Buffer.from(id) },
              data: await seal({ keyId: id, key, body: payloadMessage.encode(payload).finish() }),
            },
      ),
    );
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(payloads.map((payload) => this.#decode(payload)));
  }

  async #decode(payload: Payload): Promise<Payload> {
    const { data } = payload;
    const id = keyIdOf(payload);
    if (id === null) return payload;
    const key = this.#keys.get(id);
    if (key === undefined)
      throw new PayloadUnreadable(
        `payload key ${id || '(none)'}: is not among ${[...this.#keys.keys()].join(', ')}; add it to UNDERSTUDY_PAYLOAD_KEYS, behind the first`,
      );
    const body = await open({ keyId: id, key, body: data ?? new Uint8Array() }).catch((error: unknown) => {
      throw new PayloadUnreadable(
        `payload key ${id}: does not open what was written under this id, or the payload was changed; set the key that ${id} stood for in UNDERSTUDY_PAYLOAD_KEYS`,
        { cause: error },
      );
    });
    const { metadata: inner, data: content } = payloadMessage.decode(body);
    return { metadata: inner, data: content };
  }
}
