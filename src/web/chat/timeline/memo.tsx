import { Component, type FunctionComponent } from 'preact';

const differ = (a: object, b: object): boolean => {
  const [before, after] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = Object.keys(after);
  return names.length !== Object.keys(before).length || names.some((name) => !Object.is(before[name], after[name]));
};

/** The same component, rendered anew only when one of its props is another one. */
export const memo = <P extends object>(Inner: FunctionComponent<P>) =>
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      return differ(this.props, next);
    }

    override render() {
      return <Inner {...this.props} />;
    }
  };
