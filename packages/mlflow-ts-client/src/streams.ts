import type { Deadline } from './transport/deadline.js';
import type { OpenResponse, Upload } from './transport/http.js';

/** What can be uploaded: text, bytes, or any stream of bytes (Node's and the web's streams are both fine). */
export type ArtifactContent = string | Uint8Array | AsyncIterable<Uint8Array>;

const pieceBytes = 256 * 1024;

function* pieces(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += pieceBytes) yield bytes.subarray(start, start + pieceBytes);
}

type Source = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A web stream over an iterable that asks for a piece only when the receiver wants one. */
function streamOf(input: { source: Source; deadline: Pick<Deadline, 'restart' | 'fail'> }): ReadableStream<Uint8Array> {
  const { source, deadline } = input;
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        deadline.restart();
        try {
          let next = await iterator.next();
          while (next.done !== true && next.value.length === 0) next = await iterator.next();
          if (next.done === true) controller.close();
          else controller.enqueue(next.value);
        } catch (error) {
          deadline.fail(error);
          throw error;
        }
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** A body of known or unknown length that is opened anew for every attempt. */
export function uploadFrom(input: { open: () => Source; length: number | undefined }): Upload {
  return { open: (deadline) => streamOf({ source: input.open(), deadline }), length: input.length };
}

/** A body for one upload. Text and bytes can be sent again after a failure, a stream only once (`repeatable`). */
export function uploadOf(content: ArtifactContent): { upload: Upload; repeatable: boolean } {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  if (bytes instanceof Uint8Array) {
    return { upload: uploadFrom({ open: () => pieces(bytes), length: bytes.length }), repeatable: true };
  }
  return { upload: uploadFrom({ open: () => bytes, length: undefined }), repeatable: false };
}

/**
 * The body of an answer as a stream. The clock runs only while the reader waits for the server, never while the server
 * waits for the reader; a body that ends early is an error, never a shorter file.
 */
export function bodyOf(open: OpenResponse): ReadableStream<Uint8Array> {
  const { response, deadline, explain } = open;
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        deadline.restart();
        try {
          const piece = await reader?.read();
          deadline.pause();
          if (piece?.value !== undefined) return controller.enqueue(piece.value);
          deadline.clear();
          controller.close();
        } catch (error) {
          deadline.clear();
          throw explain(error);
        }
      },
      async cancel(reason) {
        deadline.clear();
        await reader?.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
