import { BoxEditor } from "./box_editor.tsx";
import { OptionPicker } from "./option_picker.tsx";
import { StarsEditor } from "./stars.tsx";
import { asValue, bestRating, type FieldShape, type Value } from "./types.ts";
import { YesNoEditor } from "./yes_no_editor.tsx";

export type EditorProps = {
  field: FieldShape;
  value: Value;
  /** Its name for those who don't see where it stands; the field's label unless said. */
  label?: string;
  autoFocus?: boolean;
  /** Words that others have used, where the field takes any. */
  suggestions?: string[];
  /** null takes the value away. Comes once for each change: on Enter, on leaving, on choosing. */
  onSave: (value: Value) => void;
  /** Escape, or left as it was. */
  onCancel: () => void;
};

/**
 * How a value is edited, by its field's type. It knows of no server: whoever shows it stores what is
 * saved, and puts FieldValue in its place again after onSave and onCancel. A rating and a boolean may
 * as well stand there all the time, since they are set by one press.
 */
export function FieldEditor(props: EditorProps) {
  const { field, value, autoFocus, onSave } = props;
  const label = props.label ?? field.label;

  switch (field.type) {
    case "select":
    case "multi-select":
      return <OptionPicker {...props} label={label} />;
    case "boolean":
      return (
        <YesNoEditor
          value={typeof value === "boolean" ? value : null}
          label={label}
          autoFocus={autoFocus}
          onChange={onSave}
          onCancel={props.onCancel}
        />
      );
    case "rating":
      return (
        <StarsEditor
          value={typeof value === "number" ? value : null}
          best={bestRating(field)}
          label={label}
          autoFocus={autoFocus}
          onChange={onSave}
          onCancel={props.onCancel}
        />
      );
    default:
      return <BoxEditor {...props} value={asValue(value)} label={label} />;
  }
}
