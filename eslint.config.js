import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** A layer may import only what stands to its left; each list names what it must not reach. */
const forbid = (...groups) => ({
  'no-restricted-imports': [
    'error',
    { patterns: groups.map(([group, message]) => ({ group, message, allowTypeImports: false })) },
  ],
});
const outward = [
  '**/activities/**',
  '**/adapters/**',
  '**/workers/**',
  '**/gateway/**',
  '**/lambda/**',
  '**/console/**',
  '**/client/**',
  '**/config/**',
];
const io = [
  'node:fs*',
  'node:net',
  'node:http*',
  'node:child_process',
  'node:os',
  '@temporalio/*',
  '@aws-sdk/*',
  'openai',
  'fastify',
  'mlflow-ts-client',
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.understudy/**', 'coverage/**', 'infra/cdk/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // A port's method is async by contract, whether or not this one has something to wait for.
      '@typescript-eslint/require-await': 'off',
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/config reads the environment.' },
      ],
    },
  },
  { files: ['src/config/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['src/domain/**/*.ts'],
    rules: {
      ...forbid(
        [[...outward, '**/contracts/**', '**/workflows/**'], 'domain imports only domain'],
        [io, 'domain does no I/O'],
      ),
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'domain takes the time as data',
        },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'domain takes the time as data' },
        {
          selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: 'domain takes a seed',
        },
      ],
    },
  },
  {
    files: ['src/contracts/**/*.ts'],
    rules: forbid([[...outward, '**/workflows/**'], 'contracts imports only domain']),
  },
  {
    files: ['src/workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': 'off',
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [
                '**/adapters/**',
                '**/workers/**',
                '**/gateway/**',
                '**/lambda/**',
                '**/console/**',
                '**/client/**',
                '**/config/**',
              ],
              message: 'workflows know no adapter',
            },
            {
              group: ['**/activities/**'],
              message: 'workflows import activities as types only',
              allowTypeImports: true,
            },
            { group: ['node:*'], message: 'workflows run in a deterministic sandbox' },
          ],
        },
      ],
    },
  },
  {
    files: ['src/activities/**/*.ts'],
    rules: forbid([
      [
        '**/adapters/**',
        '**/workers/**',
        '**/gateway/**',
        '**/lambda/**',
        '**/console/**',
        '**/client/**',
        '**/config/**',
        '**/workflows/**',
      ],
      'activities see the outside through ports',
    ]),
  },
  {
    files: ['src/adapters/**/*.ts'],
    rules: forbid([
      ['**/workers/**', '**/gateway/**', '**/lambda/**', '**/console/**', '**/client/**', '**/workflows/**'],
      'adapters implement ports and nothing more',
    ]),
  },
  {
    files: ['test/**/*.ts', 'packages/*/test/**/*.ts'],
    rules: { '@typescript-eslint/no-unused-expressions': 'off', '@typescript-eslint/unbound-method': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        fetch: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
);
