import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Runtime from 'onnxruntime-node';
import type { Embedder } from '../../activities/embedder-port.js';
import { PortError } from '../../activities/ports.js';
import { silenceRuntimes } from '../../config/silence-runtimes.js';
import { sha256Hex } from '../../domain/release/evidence.js';
import { readWordPieces, type WordPieces } from './word-pieces.js';

const dimension = 384;
const maximumTokens = 256;
/** Tokens of one run with its padding: larger runs gain nothing and hold more memory. */
const tokensPerRun = 4096;

interface Job {
  at: number;
  ids: number[];
}

/**
 * MiniLM-L6-v2 in this process by ONNX Runtime: mean of the last layer over the text's tokens, scaled to length 1, as
 * its authors use it (Reimers and Gurevych 2019, Sentence-BERT, section 3). English above all.
 */
export class MiniLm implements Embedder {
  readonly dimension = dimension;
  readonly maximumTokens = maximumTokens;
  readonly id: string;
  readonly #session: Runtime.InferenceSession;
  readonly #tensor: typeof Runtime.Tensor;
  readonly #pieces: WordPieces;

  private constructor(parts: {
    id: string;
    session: Runtime.InferenceSession;
    tensor: typeof Runtime.Tensor;
    pieces: WordPieces;
  }) {
    this.id = parts.id;
    this.#session = parts.session;
    this.#tensor = parts.tensor;
    this.#pieces = parts.pieces;
  }

  /**
   * Loads `model.onnx` and the tokenizer of a folder; some 0.4 s and 300 MB.
   * @throws PortError `InvalidInput` for a folder that holds no such model
   */
  static async open({ folder, threads = 1 }: { folder: string; threads?: number }): Promise<MiniLm> {
    silenceRuntimes();
    try {
      const [weights, pieces, { InferenceSession, Tensor }] = await Promise.all([
        readFile(join(folder, 'model.onnx')),
        readWordPieces({ folder }),
        // Loaded here alone: whoever embeds nothing does not pay for the runtime.
        import('onnxruntime-node'),
      ]);
      const session = await InferenceSession.create(weights, { intraOpNumThreads: threads, interOpNumThreads: 1 });
      const id = `all-MiniLM-L6-v2-int8@${sha256Hex(weights).slice(0, 12)}`;
      return new MiniLm({ id, session, tensor: Tensor, pieces });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new PortError(
        'InvalidInput',
        `${folder} holds no usable embedding model (${why}); expected model.onnx, tokenizer.json and tokenizer_config.json, which "node scripts/setup/main.mjs --only embedding" makes`,
        null,
        { cause: error },
      );
    }
  }

  async embed({ texts, signal }: { texts: readonly string[]; signal?: AbortSignal }): Promise<Float32Array[]> {
    const jobs = texts
      .map((text, at): Job => ({ at, ids: this.#pieces.encode({ text, limit: maximumTokens }) }))
      // Texts of like length share a run, so that little of it is padding.
      .sort((one, other) => one.ids.length - other.ids.length);
    const vectors = new Array<Float32Array>(texts.length);
    for (const run of runsOf(jobs)) {
      signal?.throwIfAborted();
      const embedded = await this.#run(run);
      for (const [index, { at }] of run.entries()) vectors[at] = embedded[index]!;
    }
    return vectors;
  }

  async #run(jobs: readonly Job[]): Promise<Float32Array[]> {
    const width = jobs.at(-1)!.ids.length;
    const dimensions = [jobs.length, width];
    const ids = new BigInt64Array(jobs.length * width);
    const mask = new BigInt64Array(ids.length);
    for (const [row, job] of jobs.entries())
      for (const [column, id] of job.ids.entries()) {
        ids[row * width + column] = BigInt(id);
        mask[row * width + column] = 1n;
      }
    const tensor = (values: BigInt64Array) => new this.#tensor('int64', values, dimensions);
    const outputs = await this.#session.run({
      input_ids: tensor(ids),
      attention_mask: tensor(mask),
      token_type_ids: tensor(new BigInt64Array(ids.length)),
    });
    const states = outputs.last_hidden_state!.data as Float32Array;
    return jobs.map(({ ids: { length } }, row) => meanOfTokens({ states, from: row * width, length }));
  }
}

function runsOf(jobs: readonly Job[]): Job[][] {
  const runs: Job[][] = [];
  for (const job of jobs) {
    const last = runs.at(-1);
    if (last && (last.length + 1) * job.ids.length <= tokensPerRun) last.push(job);
    else runs.push([job]);
  }
  return runs;
}

function meanOfTokens({ states, from, length }: { states: Float32Array; from: number; length: number }): Float32Array {
  const vector = new Float32Array(dimension);
  for (let token = from; token < from + length; token += 1)
    for (let index = 0; index < dimension; index += 1) vector[index]! += states[token * dimension + index]!;
  const norm = Math.hypot(...vector) || 1;
  return vector.map((value) => value / norm);
}
