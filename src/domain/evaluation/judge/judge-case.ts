import type { Score } from '../scorer.js';
import { judgeClaims, judgeClaimsBothWays } from './claims.js';
import { judgeDocuments } from './documents.js';
import type { JudgedInput, Judging } from './judge-call.js';
import type { Rubric } from './rubric.js';
import { judgeChoice, judgePairwise, judgeRating } from './single-call.js';

/** The questions that judge one case by a rubric, and the score that follows from the replies. */
export function judgeCase({ rubric, input }: { rubric: Rubric; input: JudgedInput }): Judging<Score> {
  switch (rubric.kind) {
    case 'claims':
      return judgeClaims({ rubric, input });
    case 'claimsBothWays':
      return judgeClaimsBothWays({ rubric, input });
    case 'documents':
      return judgeDocuments({ rubric, input });
    case 'rating':
      return judgeRating({ rubric, input });
    case 'choice':
      return judgeChoice({ rubric, input });
    case 'pairwise':
      return judgePairwise({ rubric, input });
  }
}
