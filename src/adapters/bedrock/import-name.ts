import { createHash } from 'node:crypto';
import type { DesiredRelease } from '../vllm-serving/desired-adapters.js';

/** Bedrock's limit of 63 characters less the number of an attempt. */
const limit = 59;
const digestCharacters = 10;

/**
 * Bedrock's name of a release's weights: the same for the same weights, of letters, digits and single hyphens, so that
 * it does for an import job and for its model (Amazon Bedrock API Reference, CreateModelImportJob).
 */
export function importName({
  releaseId,
  release: { base, adapter },
}: {
  releaseId: string;
  release: DesiredRelease;
}): string {
  const weights = JSON.stringify([releaseId, base, adapter?.sha256 ?? null]);
  const end = `-${createHash('sha256').update(weights).digest('hex').slice(0, digestCharacters)}`;
  const words = releaseId
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .slice(0, limit - end.length)
    .replace(/^-+|-+$/g, '');
  return `${words}${end}`.replace(/^-/, '');
}
