import type { SeededRandom } from '../../statistics/random.js';
import { caseLanguage } from '../case-language.js';
import type { Probe, ProbeKind } from './probe.js';

/** The parts of a golden case that probes are made from. */
export interface ProbedCase {
  id: string;
  input: string;
  reference: string;
  tags?: Readonly<Record<string, string>> | undefined;
  /** Other wordings of the question that mean the same. */
  paraphrases?: readonly string[] | undefined;
}

export type NewProbe = Pick<Probe, 'style' | 'input' | 'marks'>;

/** One way of changing questions: the same case and random stream give the same probes. */
export interface ProbeGenerator {
  kind: ProbeKind;
  /** At most this many a case; fewer where a question can't be changed in as many ways. */
  generate(input: { case: ProbedCase; random: SeededRandom }): NewProbe[];
}

/** Texts of a generator by language; a case in another language gets the English ones. */
export type ByLanguage<T> = Readonly<Record<'en', T>> & Readonly<Partial<Record<string, T>>>;

export const inLanguageOf = <T>({ texts, tags }: { texts: ByLanguage<T>; tags: ProbedCase['tags'] }): T =>
  texts[caseLanguage(tags) ?? 'en'] ?? texts.en;

/** `count` different things, drawn without order (Fisher and Yates); all of them where there are fewer. */
export function draw<T>({ from, count, random }: { from: readonly T[]; count: number; random: SeededRandom }): T[] {
  const left = [...from];
  for (let place = 0; place < Math.min(count, left.length - 1); place += 1) {
    const other = place + random.index(left.length - place);
    [left[place], left[other]] = [left[other]!, left[place]!];
  }
  return left.slice(0, count);
}
