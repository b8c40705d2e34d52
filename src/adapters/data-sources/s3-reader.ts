import { GetObjectCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { PortError } from '../../activities/ports.js';
import type { RemoteReader } from './copy-resuming.js';

/** Reads an object of S3 by ranges, bound to the version that stood there first. */
export function s3Reader({ uri, client }: { uri: string; client: S3Client }): RemoteReader {
  const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri);
  if (!match) throw new PortError('InvalidInput', `data.source.uri is "${uri}": expected s3://<bucket>/<key>`);
  const [, Bucket, Key] = match;
  return async ({ offset, version }) => {
    const found = await client
      .send(
        new GetObjectCommand({
          Bucket,
          Key,
          ...(offset > 0 ? { Range: `bytes=${offset}-` } : {}),
          ...(version === null ? {} : { IfMatch: version }),
        }),
      )
      .catch((error: unknown) => {
        throw failureOf({ uri, error });
      });
    return {
      chunks: found.Body as AsyncIterable<Uint8Array>,
      size: found.ContentLength === undefined ? null : offset + found.ContentLength,
      version: found.ETag ?? null,
    };
  };
}

function failureOf({ uri, error }: { uri: string; error: unknown }): unknown {
  if (!(error instanceof S3ServiceException)) {
    const message = `${uri}: ${(error as Error).message}; check credentials and region`;
    return new PortError(
      (error as Error).name === 'CredentialsProviderError' ? 'Unauthorised' : 'Unavailable',
      message,
    );
  }
  const status = error.$metadata.httpStatusCode ?? 500;
  if (status === 412) return new PortError('InvalidInput', `${uri}: it changed while it was copied; try again`);
  const type = status === 404 ? 'NotFound' : status === 403 || status === 401 ? 'Unauthorised' : null;
  return new PortError(type ?? (status >= 500 ? 'Unavailable' : 'InvalidInput'), `${uri}: ${error.name} (${status})`);
}
