import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { DataSources } from '../../activities/data-sources-port.js';
import { PortError } from '../../activities/ports.js';
import { shownUri } from '../../domain/spec/source-uri.js';
import { copyResuming } from './copy-resuming.js';
import { httpReader, isTrusted } from './http-reader.js';
import { queryPostgres } from './postgres-query.js';
import { s3Reader } from './s3-reader.js';

/** Files in S3 or on the web, and PostgreSQL. Credentials are those the clients find: AWS's chain and PGPASSWORD. */
export class ExternalSources implements DataSources {
  readonly #s3Config: S3ClientConfig;
  #s3: S3Client | null = null;

  constructor({ s3 = {} }: { s3?: S3ClientConfig } = {}) {
    this.#s3Config = s3;
  }

  async download({ uri, path, maximumBytes, onProgress }: Parameters<DataSources['download']>[0]): Promise<void> {
    await copyResuming({ uri: shownUri(uri), reader: this.#readerOf(uri), path, maximumBytes, onProgress });
  }

  query(input: Parameters<DataSources['query']>[0]): AsyncIterable<Record<string, unknown>> {
    return queryPostgres(input);
  }

  #readerOf(uri: string) {
    if (uri.startsWith('s3://')) {
      // AWS SDK v3 adds and checks checksums by itself; other S3 servers know some of them only.
      this.#s3 ??= new S3Client({ maxAttempts: 1, responseChecksumValidation: 'WHEN_REQUIRED', ...this.#s3Config });
      return s3Reader({ uri, client: this.#s3 });
    }
    if (!URL.canParse(uri))
      throw new PortError('InvalidInput', `data.source.uri is "${shownUri(uri)}": expected https://<host>/<path>`);
    const url = new URL(uri);
    if (isTrusted(url)) return httpReader({ url });
    throw new PortError(
      'InvalidInput',
      `data.source.uri is "${shownUri(uri)}": expected https://; anybody on the way could change what comes over http://`,
    );
  }
}
