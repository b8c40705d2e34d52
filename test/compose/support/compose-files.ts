import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
export const composeFile = 'docker-compose.yml';
export const gpuFile = 'infra/compose/gpu.yaml';

export interface Service {
  image?: string;
  build?: { context: string; dockerfile: string; target?: string } | null;
  command?: string[];
  entrypoint?: string[];
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
  healthcheck?: { test: string[] };
  ports?: string[];
  restart?: string;
  volumes?: string[];
}

export interface ComposeDocument {
  services: Record<string, Service>;
  volumes?: Record<string, null>;
}

export interface Variable {
  name: string;
  /** Null where the file starts nothing without a value. */
  fallback: string | null;
}

export const readText = (file: string): Promise<string> => readFile(new URL(file, `file://${root}`), 'utf8');

const variable = /\$\{(\w+)(?::-([^}]*)|:\?[^}]*)\}/g;

/** The variables that a compose file takes from its environment, in the two ways that ours use. */
export function variablesOf(text: string): Variable[] {
  const found = [...text.matchAll(variable)].map(([, name, fallback]) => ({ name: name!, fallback: fallback ?? null }));
  return found.filter((one, index) => found.findIndex(({ name }) => name === one.name) === index);
}

/** A compose file as it stands once its variables have values: their fallbacks, or `given`. */
export const interpolated = ({ text, given = 'given-for-the-test' }: { text: string; given?: string }): string =>
  text.replaceAll(variable, (_, __, fallback: string | undefined) => fallback ?? given).replaceAll('$$', '$');

/** What a compose file says, but for its own tags, which say how it is laid over another: what one takes away is left out. */
export const documentOf = (text: string): ComposeDocument =>
  parse(text.replaceAll(/^ *\w+: !reset null\n/gm, '').replaceAll('!override', ''), { merge: true }) as ComposeDocument;

export const readCompose = async (file: string): Promise<ComposeDocument> =>
  documentOf(interpolated({ text: await readText(file) }));
