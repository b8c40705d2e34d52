import { PortError } from '../../activities/ports.js';

const scheme = 'bedrock://';
const pattern = /^bedrock:\/\/([a-z]{2}(?:-[a-z0-9]+)+-\d)(?:\/v1)?\/?$/;

/** The address under which releases and judges on Bedrock are asked, in the form that plans keep. */
export const bedrockEndpoint = (region: string): string => `${scheme}${region}/v1`;

/** Whether an address is Bedrock's; else it is an OpenAI-compatible server's. */
export const isBedrock = (endpoint: string): boolean => endpoint.startsWith(scheme);

/** The region of such an address. Throws a `PortError` of type `InvalidInput` for one that names none. */
export function regionOf(endpoint: string): string {
  const region = pattern.exec(endpoint)?.[1];
  if (region === undefined)
    throw new PortError(
      'InvalidInput',
      `endpoint ${endpoint}: expected bedrock://<region>/v1, such as ${bedrockEndpoint('eu-central-1')}`,
    );
  return region;
}

const importedPrefix = 'imported/';

/** What plans call a model that was imported under a name of ours; Bedrock itself asks for its ARN. */
export const importedModel = (name: string): string => `${importedPrefix}${name}`;

/** The name of an imported model; null for what Bedrock takes as it is (model ids, inference profiles, ARNs). */
export const importedName = (model: string): string | null =>
  model.startsWith(importedPrefix) ? model.slice(importedPrefix.length) : null;
