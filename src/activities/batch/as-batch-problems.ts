import { asPortErrors } from '../dataset-build.js';
import { PortError } from '../ports.js';

/** Reviews are read by the code of data sets, whose problems name `data.source`: what is to be mended is `batch.source`. */
export async function asBatchProblems<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await asPortErrors(work);
  } catch (error) {
    if (!(error instanceof PortError) || !error.message.includes('data.source')) throw error;
    const message = error.message
      .replaceAll('data.source', 'batch.source')
      .replace('; data.cluster names the column of clusters', '');
    throw new PortError(error.type, message, error.retryAfterMilliseconds, { cause: error });
  }
}
