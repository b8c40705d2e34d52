import root from '../../eslint.config.js';

/** The root's rules; the root itself leaves this folder out, since CDK's types are installed here alone. */
export default [
  { ignores: ['cdk.out/**', 'node_modules/**'] },
  ...root
    .filter(({ ignores, files }) => files !== undefined || ignores === undefined)
    .map((one) =>
      one.languageOptions?.parserOptions?.projectService
        ? {
            ...one,
            languageOptions: {
              ...one.languageOptions,
              parserOptions: { ...one.languageOptions.parserOptions, tsconfigRootDir: import.meta.dirname },
            },
          }
        : one,
    ),
];
