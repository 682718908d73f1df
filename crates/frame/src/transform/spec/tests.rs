//! Rules by number and by name, and what errors say.

use super::*;

fn names() -> Vec<String> {
    ["city", "age", "zip", "score"].map(String::from).to_vec()
}

fn complaint(text: &str) -> String {
    let fault = Spec::parse(text).and_then(|spec| spec.rules(&names())).expect_err(text);
    let told = fault.nowhere();
    format!("{} / {}", told.message, told.hints.join(" / "))
}

#[test]
fn rules_by_number_and_by_name_are_equal() {
    let by_number = "{ids: true, recode: [1], bin: [{id: 2, method: equi-height, numbins: 3}], dummycode: [1, 2, 3],
        hash: [4], K: 10, impute: [{id: 2, method: global_mean}, {id: 1, method: constant, value: south}], omit: [3]}";
    let by_name = "{recode: [city], bin: [{name: age, method: equi-height, numbins: 3}], dummycode: [city, age, zip],
        hash: [score], K: '10', impute: [{name: age, method: global_mean}, {name: city, method: constant, value: south}],
        omit: zip}";
    let expected = [
        ColumnRule {
            coding: Coding::Recode,
            dummycode: true,
            impute: Some(Impute::Constant("south".into())),
            omit: false,
        },
        ColumnRule {
            coding: Coding::Bin { method: BinMethod::EquiHeight, bins: 3 },
            dummycode: true,
            impute: Some(Impute::Mean),
            omit: false,
        },
        ColumnRule { coding: Coding::Recode, dummycode: true, impute: None, omit: true },
        ColumnRule { coding: Coding::Hash { buckets: 10 }, ..ColumnRule::PASS_THROUGH },
    ];
    for text in [by_number, by_name] {
        let spec = Spec::parse(text).expect("a specification");
        assert_eq!(spec.rules(&names()), Ok(expected.to_vec()));
        assert!(spec.omits());
    }
    assert_eq!(expected.map(|rule| rule.width()), [None, Some(3), None, Some(1)]);
}

#[test]
fn errors_name_key_column_and_choices() {
    let cases = [
        ("{id: true}", "unknown key `id` / did you mean `ids`?"),
        ("{recod: [city]}", "unknown key `recod` / did you mean `recode`?"),
        ("{ids: 1}", "`ids` is 1"),
        ("{ids: true, recode: [5]}", "`recode` names column 5; the columns are 1 to 4"),
        ("{ids: true, recode: [0]}", "`recode` lists 0, which is no column: they are counted from 1"),
        ("{ids: true, recode: [1.5]}", "`recode` lists 1.5, which is no column"),
        ("{bag_of_words: [city], recode: [city]}", "\"city\") is in `recode` and in `bag_of_words`"),
        ("{bag_of_words: [city], dummycode: [city]}", "\"city\") is in `bag_of_words` and in `dummycode`"),
        ("{ids: true, recode: [age]}", "`ids` is true: columns are given by number"),
        ("{recode: [1]}", "`ids: true` makes them numbers"),
        (
            "{recode: [ctiy]}",
            "`recode` names the column \"ctiy\", which is not there / did you mean \"city\"?",
        ),
        ("{omit: [{a: 1}]}", "`omit` lists"),
        (
            "{ids: true, recode: [2], bin: [{id: 2, numbins: 2}]}",
            "column 2 (\"age\") is in `recode` and in `bin`",
        ),
        ("{ids: true, recode: [2, 2]}", "column 2 (\"age\") stands twice in `recode`"),
        (
            "{ids: true, word_embedding: [1], dummycode: [1]}",
            "column 1 (\"city\") is in `word_embedding` and in `dummycode`",
        ),
        (
            "{ids: true, omit: [1], impute: [{id: 1, method: global_mode}]}",
            "column 1 (\"city\") is in `omit` and in `impute`",
        ),
        ("{hash: [zip]}", "`hash` needs `K`"),
        ("{hash: [zip], K: 0}", "`K` is 0"),
        ("{bin: [{name: age}]}", "`bin` of column \"age\" has no `numbins`"),
        ("{bin: [{name: age, numbins: x}]}", "`numbins` of column \"age\" is \"x\""),
        ("{bin: [{name: age, numbins: 3, method: equi-hight}]}", "did you mean `equi-height`?"),
        ("{bin: [age]}", "`bin` is a list of objects, found \"age\" in it"),
        ("{bin: [{numbins: 3}]}", "an object of `bin` names no column / give its `name`"),
        ("{impute: [{name: age, method: median}]}", "it is one of `global_mean`, `global_mode`, `constant`"),
        (
            "{impute: [{name: age, method: constant}]}",
            "`impute` of column \"age\" by a constant has no `value`",
        ),
        ("{impute: [{name: age, value: 3}]}", "has no `method`"),
        ("[1]", "a specification is an object"),
    ];
    for (text, expected) in cases {
        let complaint = complaint(text);
        assert!(complaint.contains(expected), "{text}: {complaint}");
    }
}
