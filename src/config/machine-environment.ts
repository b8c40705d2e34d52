/** Names of variables, one by one or by pattern. */
export type Names = readonly (string | RegExp)[];

/** Where programs, temporary files and caches are, the language, and how this machine reaches the network. */
export const machineNames: Names = [
  'PATH',
  'HOME',
  'USER',
  'TMPDIR',
  'TZ',
  'LANG',
  /^LC_/,
  /^XDG_/,
  'LD_LIBRARY_PATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  /^(HTTP|HTTPS|NO)_PROXY$/i,
  // Tells which installation a process that was left behind belongs to.
  'UNDERSTUDY_HOME',
];

/** What Python and its numerical libraries go by besides. */
export const pythonNames: Names = [
  'VIRTUAL_ENV',
  'PYTHONDONTWRITEBYTECODE',
  'PYTHONPYCACHEPREFIX',
  /^(CUDA|NVIDIA|NCCL|OMP|MKL|OPENBLAS|PYTORCH|TORCH)_/,
  'HF_HOME',
  'HF_HUB_CACHE',
];

/** The part of an environment that is named. */
export const pick = ({
  environment,
  names,
}: {
  environment: Readonly<Record<string, string>>;
  names: Names;
}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter(([name]) =>
      names.some((one) => (typeof one === 'string' ? one === name : one.test(name))),
    ),
  );
