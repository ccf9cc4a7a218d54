/** Flags of the parent's Node that would make a child run the wrong thing, or claim the parent's port or file. */
const notInherited = /^--(inspect|input-type|test|watch|cpu-prof|heap-prof|prof$|interactive|check|env-file)/
const evaluates = /^(-[ep]|-pe|--eval|--print)$/

/** The Node flags for a forked child: the parent's (loaders, conditions, memory limits), without those that are the parent's own. */
export function childArguments(execArgv: readonly string[]): string[] {
  return execArgv.filter(
    (argument, index) =>
      !notInherited.test(argument) &&
      !/^--(eval|print)=/.test(argument) &&
      !evaluates.test(argument) &&
      !(index > 0 && /^(-[ep]|-pe|--eval|--print|--input-type)$/.test(execArgv[index - 1]!)),
  )
}
