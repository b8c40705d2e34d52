import { downloadToFile, fileUpload, filesBelow } from './artifact-files.js';
import { checkArtifactPath, proxyFolder, proxyPath } from './artifact-paths.js';
import { MlflowArgumentError } from './errors.js';
import type { CallOptions } from './options.js';
import type { Runs } from './runs.js';
import { artifactList } from './schemas/artifacts.js';
import type { ArtifactEntry } from './schemas/artifacts.js';
import { bodyOf, uploadOf } from './streams.js';
import type { ArtifactContent } from './streams.js';
import type { Transport, Upload } from './transport/http.js';

/** Whose artifacts: a run's, or an address such as `run.artifactUri` or a model version's download address. */
export type ArtifactOwner = { runId: string } | { artifactUri: string };

type OwnerCall = ArtifactOwner & CallOptions;
type PathCall = OwnerCall & { path: string };

/** An artifact being read. Read `body` to its end, or cancel it. */
export interface ArtifactDownload {
  body: ReadableStream<Uint8Array>;
  /** Bytes, where the server says so beforehand. */
  size: number | undefined;
  contentType: string | undefined;
}

const rememberedRuns = 1000;

/** Files of runs, read and written through the server's own artifact proxy, as streams. */
export class Artifacts {
  readonly #transport: Transport;
  readonly #runs: Runs;
  /** A run's artifact address never changes. */
  readonly #addresses = new Map<string, string>();

  constructor(parts: { transport: Transport; runs: Runs }) {
    this.#transport = parts.transport;
    this.#runs = parts.runs;
  }

  /**
   * Stores an artifact, replacing one of the same path. Text and bytes may be sent again after a passing failure; a
   * stream can be read only once, so it is never sent again: give a file to `uploadFile` instead.
   */
  async upload(input: PathCall & { content: ArtifactContent }): Promise<void> {
    const { upload, repeatable } = uploadOf(input.content);
    await this.#put(input, upload, repeatable);
  }

  /** Stores a file of this machine, streamed. */
  async uploadFile(input: PathCall & { file: string }): Promise<void> {
    await this.#put(input, await fileUpload(input.file), true);
  }

  /** Stores every file below a directory of this machine; returns their paths below the run's artifacts. */
  async uploadDirectory(input: PathCall & { directory: string }): Promise<string[]> {
    const stored: string[] = [];
    for (const { file, path } of await filesBelow(input.directory)) {
      const target = `${input.path}/${path}`;
      await this.uploadFile({ ...input, path: target, file });
      stored.push(target);
    }
    return stored;
  }

  /**
   * Opens an artifact. A download that breaks off ends the stream with an error, never early.
   * @throws MlflowNotFoundError
   */
  async download(input: PathCall): Promise<ArtifactDownload> {
    const path = proxyPath(await this.#locate(input, checkArtifactPath(input.path)));
    const headers = { 'accept-encoding': 'identity' };
    const open = await this.#transport.open({ method: 'GET', path, headers, idempotent: true, options: input });
    open.deadline.pause();
    const length = open.response.headers.get('content-length');
    return {
      body: bodyOf(open),
      size: length === null ? undefined : Number(length),
      contentType: open.response.headers.get('content-type') ?? undefined,
    };
  }

  /**
   * Reads a small artifact into memory.
   * @throws MlflowNotFoundError, MlflowArgumentError when it is longer than `maxBytes` (default 64 MiB)
   */
  async downloadBytes(input: PathCall & { maxBytes?: number | undefined }): Promise<Uint8Array> {
    const limit = input.maxBytes ?? 64 * 1024 * 1024;
    const { body } = await this.download(input);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of body) {
      size += part.length;
      if (size > limit) {
        throw new MlflowArgumentError(
          `The artifact "${input.path}" is longer than maxBytes, ${limit}: raise it, or use download.`,
        );
      }
      parts.push(part);
    }
    return new Uint8Array(Buffer.concat(parts));
  }

  /** Reads a small artifact as UTF-8 text; errors as `downloadBytes`. */
  async downloadText(input: PathCall & { maxBytes?: number | undefined }): Promise<string> {
    return new TextDecoder().decode(await this.downloadBytes(input));
  }

  /** Writes an artifact into a file of this machine, which appears only when it is complete. Returns its bytes. */
  async downloadFile(input: PathCall & { file: string }): Promise<{ bytes: number }> {
    const { body } = await this.download(input);
    return downloadToFile({ body, file: input.file });
  }

  /** What lies directly in a directory (default: the top); empty when there is nothing. */
  async list(input: OwnerCall & { path?: string | undefined }): Promise<ArtifactEntry[]> {
    const inner = input.path === undefined || input.path === '' ? undefined : checkArtifactPath(input.path);
    const query = { path: await this.#locate(input, inner) };
    const answer = await this.#transport.get({ path: proxyPath(), query, schema: artifactList, options: input });
    return answer.files.map((entry) => ({
      path: inner === undefined ? entry.path : `${inner}/${entry.path}`,
      isDirectory: entry.is_dir,
      size: entry.file_size,
    }));
  }

  /** Every file below a directory (default: the top), however deep. */
  async *walk(input: OwnerCall & { path?: string | undefined }): AsyncGenerator<ArtifactEntry, void, undefined> {
    for (const entry of await this.list(input)) {
      if (entry.isDirectory) yield* this.walk({ ...input, path: entry.path });
      else yield entry;
    }
  }

  /** Deletes a file, or a directory with all that is in it. */
  async delete(input: PathCall): Promise<void> {
    const path = proxyPath(await this.#locate(input, checkArtifactPath(input.path)));
    await this.#transport.send({ method: 'DELETE', path, idempotent: true, options: input });
  }

  async #put(input: PathCall, upload: Upload, repeatable: boolean): Promise<void> {
    const path = proxyPath(await this.#locate(input, checkArtifactPath(input.path)));
    const options = repeatable ? input : { ...input, retries: 0 };
    const headers = { 'content-type': 'application/octet-stream' };
    await this.#transport.send({ method: 'PUT', path, headers, upload, idempotent: true, options });
  }

  async #locate(owner: OwnerCall, path: string | undefined): Promise<string> {
    const artifactUri = 'artifactUri' in owner ? owner.artifactUri : await this.#addressOf(owner);
    const folder = proxyFolder({ artifactUri, baseUrl: this.#transport.baseUrl });
    return path === undefined ? folder : `${folder}/${path}`;
  }

  async #addressOf(owner: { runId: string } & CallOptions): Promise<string> {
    const known = this.#addresses.get(owner.runId);
    if (known !== undefined) return known;
    const { artifactUri } = await this.#runs.get(owner);
    const [oldest] = this.#addresses.keys();
    if (oldest !== undefined && this.#addresses.size >= rememberedRuns) this.#addresses.delete(oldest);
    this.#addresses.set(owner.runId, artifactUri);
    return artifactUri;
  }
}
