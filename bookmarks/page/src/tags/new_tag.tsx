import { Button, Input, Select } from "barq-web/kit";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

export function NewTag({
  onMake,
}: {
  onMake: (tag: { name: string; is_category: boolean }) => void;
}) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [kind, setKind] = useState("label");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "") {
      onMake({ name: name.trim(), is_category: kind === "category" });
      setName("");
    }
  };

  return (
    <form onSubmit={submit} className="mt-4 flex flex-wrap gap-2">
      <Input
        aria-label={t("tags:newName")}
        placeholder={t("tags:newName")}
        maxLength={255}
        className="min-w-48 flex-1"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Select
        label={t("tags:kind")}
        className="w-32"
        value={kind}
        choices={[
          { value: "label", label: t("tags:label") },
          { value: "category", label: t("tags:category") },
        ]}
        onChange={setKind}
      />
      <Button type="submit" look="primary" disabled={name.trim() === ""}>
        <Plus />
        {t("tags:make")}
      </Button>
    </form>
  );
}
