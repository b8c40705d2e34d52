import {
  caseByCase,
  labelProblem,
  type Label,
  type LabelScale,
  type LabelTask,
} from '../../../domain/evaluation/judge/label-sheet.js';
import { printable } from '../../../domain/report/format.js';
import type { CommandContext } from '../command-context.js';

function shown({ question, reference, documents, answer, other }: LabelTask): string {
  const answers: [string, string][] =
    other === null
      ? [['answer', answer]]
      : [
          ['first', answer],
          ['second', other],
        ];
  const parts: [string, string][] = [
    ['question', question],
    ['reference', reference],
    ...documents.map((text, index): [string, string] => [`document ${index + 1}`, text]),
    ...answers,
  ];
  return parts.map(([name, text]) => `${name}: ${printable(text)}`).join('\n');
}

/**
 * Shows a person one answer after the other and takes a label for each from standard input; each is stored at once. It ends
 * with the last answer, at the end of the input, or at a line that says q.
 * @returns how many were labelled.
 */
export async function labelInTerminal({
  context,
  tasks,
  scale,
  save,
}: {
  context: CommandContext;
  tasks: readonly LabelTask[];
  scale: LabelScale;
  save: (label: Label) => Promise<void>;
}): Promise<number> {
  const inOrder = caseByCase(tasks);
  let labelled = 0;
  const ask = (): void => {
    context.say(
      `\n${labelled + 1} of ${inOrder.length}\n${shown(inOrder[labelled]!)}\nlabel, ${scale.text}; q to stop:`,
    );
  };
  context.say(scale.question.trim());
  ask();
  for await (const line of context.lines()) {
    const label = line.trim();
    if (label === 'q') break;
    const problem = labelProblem({ label, scale });
    if (problem !== null) {
      context.say(problem);
      continue;
    }
    await save({ task: inOrder[labelled]!, score: Number(label) });
    labelled += 1;
    if (labelled === inOrder.length) break;
    ask();
  }
  return labelled;
}
