/** Why a construct cannot be carried, and what to write instead. */
type Refusal = readonly [reason: string, instead: string];

export const TYPES_TO_WRITE = 'write object, array, string, number, integer or boolean';
export const NOT_A_SCHEMA: Readonly<Record<'any' | 'never' | 'null', Refusal>> = {
  any: ['a value of any kind cannot be asked for', `give it a type: ${TYPES_TO_WRITE}`],
  never: ['no value fits it', 'leave the field out'],
  null: ['a field that is always null says nothing', 'leave the field out'],
};
export const ENDLESS: Refusal = [
  'a form that holds itself has no end',
  'write out as many levels as are needed',
];
