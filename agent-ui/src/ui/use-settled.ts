import { useEffect, useState } from 'react';

/** Whoever types pauses this long when what they write is whole. */
const TYPED_MS = 400;

/** A value of JSON once it has stayed the same for a moment. */
export function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  const text = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(text) as Value), TYPED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
