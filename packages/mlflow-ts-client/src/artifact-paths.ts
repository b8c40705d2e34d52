import { MlflowArgumentError } from './errors.js';

const proxyRoot = '/api/2.0/mlflow-artifacts/artifacts';

/**
 * A path below a run's artifacts, checked. MLflow's server decodes paths more than once, so that `?`, `#` and `%41`
 * would end up under another name than the one given: they are refused here instead.
 * @throws MlflowArgumentError saying what is wrong with the path
 */
export function checkArtifactPath(path: string): string {
  const refuse = (why: string): never => {
    throw new MlflowArgumentError(
      `The artifact path ${JSON.stringify(path)} ${why}; expected e.g. "evaluation/scores.json".`,
    );
  };
  if (path === '') refuse('is empty');
  if (path.startsWith('/') || path.endsWith('/')) refuse('begins or ends with a slash');
  if (path.includes('\\')) refuse('contains a backslash');
  if (/[?#]/.test(path)) refuse("contains ? or #, which MLflow can't keep in a name");
  if (/%[0-9a-f]{2}/i.test(path)) refuse('contains a percent code, which MLflow would decode');
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..'))
    refuse('has an empty, "." or ".." part');
  return path;
}

/** The proxy's folder for an artifact address, e.g. `1/<run>/artifacts` for `mlflow-artifacts:/1/<run>/artifacts`. */
export function proxyFolder(input: { artifactUri: string; baseUrl: string }): string {
  const { artifactUri, baseUrl } = input;
  const url = URL.canParse(artifactUri) ? new URL(artifactUri) : undefined;
  if (url === undefined || url.protocol !== 'mlflow-artifacts:') {
    throw new MlflowArgumentError(
      `The artifacts are at ${artifactUri}, outside the server's proxy; expected mlflow-artifacts:/... ` +
        'Start the server with --artifacts-destination, or read that store with its own client.',
    );
  }
  if (url.host !== '' && url.host !== new URL(baseUrl).host) {
    throw new MlflowArgumentError(
      `The artifacts are on the server ${url.host}, but this client talks to ${baseUrl}: make a client for that one.`,
    );
  }
  return decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
}

/** The percent-encoded path of an artifact at the proxy; without `path`, of the listing. */
export function proxyPath(path?: string): string {
  if (path === undefined) return proxyRoot;
  return `${proxyRoot}/${path.split('/').map(encodeURIComponent).join('/')}`;
}
