import type { Command } from 'commander';
import { relative } from 'node:path';
import { problemOf } from '../../adapters/notifiers/open-channel.js';
import type { NotifierSettings } from '../../config/notifier-settings.js';
import { modelSpecJsonSchema, type ModelSpec, type SpecProblem } from '../../domain/spec/model-spec.js';
import { routeName } from '../../domain/spec/notify-spec.js';
import { CannotRun, verb, type CommandContext, type Result } from './command-context.js';
import { checkSpecFiles, type LocatedProblem } from './spec-document.js';

interface ValidateOptions {
  overlay: string[];
  environment?: boolean;
  jsonSchema?: boolean;
}

/** The channels that nothing can be sent through with the secrets of this environment. */
const unusableChannels =
  (settings: NotifierSettings) =>
  ({ notify }: ModelSpec): SpecProblem[] =>
    notify.flatMap((route, index) => {
      const expected = problemOf({ route, settings });
      return expected === null ? [] : [{ path: `notify.${index}`, value: routeName(route), expected }];
    });

const shownCharacters = 60;

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}

function describe({ file, line, column, path, value, expected, source }: LocatedProblem): string {
  const margin = `${line}`.padStart(5);
  return [
    `${relative('.', file) || file}:${line}:${column}  ${path}: found ${show(value)}, ${expected.startsWith('expected') ? expected : `expected ${expected}`}`,
    `${margin} | ${source}`,
    `${' '.repeat(margin.length)} | ${' '.repeat(column - 1)}^`,
  ].join('\n');
}

async function validate({
  spec,
  overlays,
  settings,
}: {
  spec: string;
  overlays: readonly string[];
  /** Of the channels that the spec may name; null where the workers' environment is not this one. */
  settings: NotifierSettings | null;
}): Promise<Result> {
  const more = settings === null ? {} : { more: unusableChannels(settings) };
  const { problems } = await checkSpecFiles({ files: [spec, ...overlays], ...more });
  const listed = problems.map(({ path, value, expected, file, line, column }) => ({
    ...{ path, value: value ?? null, expected },
    ...{ file, line, column },
  }));
  if (problems.length === 0)
    return {
      code: 0,
      data: { valid: true, problems: [] },
      text: `${spec} is valid${overlays.length > 0 ? ` with ${overlays.join(', ')}` : ''}`,
    };
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return {
    code: 1,
    data: { valid: false, problems: listed },
    text: [...problems.map(describe), count].join('\n\n'),
  };
}

/** `validate SPEC`: everything that is wrong with a spec, with the line to change. */
export const addValidate = (program: Command, context: CommandContext): Command =>
  verb<ValidateOptions>({
    command: program
      .command('validate')
      .description('list everything that is wrong with a model spec')
      .argument('[spec]', 'the spec file')
      .option('--overlay <file...>', 'files laid over it, in order', [])
      .option('--environment', 'refuse channels that have no secret in this environment, which the workers share')
      .option('--json-schema', 'print the JSON Schema of specs, for editors'),
    context,
    run: async ({ arguments: [spec], options }) => {
      if (options.jsonSchema) {
        const schema = modelSpecJsonSchema();
        return { code: 0, data: schema, text: JSON.stringify(schema, null, 2) };
      }
      if (spec === undefined) throw new CannotRun('validate needs a spec file, such as understudy.yaml');
      const settings = options.environment ? context.settings().notifiers : null;
      return validate({ spec, overlays: options.overlay, settings });
    },
  });
